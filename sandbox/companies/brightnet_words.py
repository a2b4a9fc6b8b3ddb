"""Brightnet's words: a Salesforce org in Russian, in Almaty. Field names are the org's API names, labels its agents'.

Standard fields of Case bear their standard names, the org's own end in __c. What only the system writes (Id,
CaseNumber, stamps) is `Native`. Knows no protocol. Next: `brightnet_schema.py`, these fields as Salesforce tells them.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sandbox.companies.tongues import RUSSIAN
from sandbox.companies.vocabulary import Audience, Colours, Field, Group, Native, Roles, Vocabulary

STATUSES = (
    "Новое",
    "В работе",
    "Ожидание клиента",
    "Приостановлено",
    "Решено",
    "Открыто повторно",
    "Закрыто",
    "Отменено",
    "Отклонено",
)
CLOSED = ("Закрыто", "Отменено", "Отклонено")
"""Statuses that make IsClosed true."""
COMPANIES = ("Брайтнет", "Норткейбл", "Телвоз")
PARTNERS_PREFIX = "#partners "
"""What a comment begins with that the other companies may read and the customer may not."""
COMMENT_BYTES = 4000
LARGEST_FILE = 2 * 2**30
"""Bytes: as much as a Salesforce org takes in one request."""

_CASE = (
    Field("Subject", "Тема", required=True),
    Field("Description", "Описание", "long text", length=32_000),
    Field("Status", "Статус", "picklist", values=STATUSES, required=True, default="Новое"),
    Field("Sub_Status__c", "Подстатус"),
    Field("Status_Changed_At__c", "Статус изменён", "time"),
    Field("Status_Reason__c", "Причина статуса"),
    Field("Due_At__c", "Срок", "time"),
    Field("Priority", "Приоритет", "picklist", values=("Критический", "Высокий", "Средний", "Низкий")),
    Field("Severity__c", "Серьёзность", "picklist", values=("Обширная", "Значительная", "Умеренная", "Незначительная")),
    Field("Type", "Тип", "picklist", values=("Помощь", "Вопрос", "Подключение", "Обслуживание", "Жалоба")),
    Field("Origin", "Канал", "picklist", values=("Телефон", "Сайт", "Почта", "Магазин", "Журнал")),
)
_CUSTOMER = (
    Field("Customer_Id__c", "Номер клиента", length=80),
    Field("SuppliedName", "Клиент", length=80),
    Field("SuppliedPhone", "Телефон", length=40),
    Field("Product_Code__c", "Код продукта", length=80),
    Field("Product_Name__c", "Продукт"),
    Field("Service_Id__c", "Услуга", length=80),
    Field("Preference__c", "Пожелание"),
)
_EXCHANGE = (
    Field("Holder__c", "Исполнитель", "picklist", values=COMPANIES, required=True, default="Брайтнет"),
    Field("Holder_Number__c", "Номер у исполнителя", length=80, hub_only=True),
    Field("Accountable__c", "Отвечает перед клиентом", "picklist", values=COMPANIES, hub_only=True),
    Field("Contact_Point__c", "Точка контакта", "picklist", values=COMPANIES, hub_only=True),
    Field("Hub_Case__c", "Номер в узле обмена", length=64, hub_only=True),
    Field("Hub_Says__c", "Как обстоит дело", "long text", length=1000, hub_only=True),
    Field("Reference__c", "Внешний номер", indexed=True),
)
_TEAM = (
    Field("Agent__c", "Сотрудник", length=120),
    Field("Team__c", "Группа", length=120),
    Field("Team_Level__c", "Линия", length=40),
    Field("Division__c", "Отдел", length=120),
    Field("Country__c", "Страна клиента", length=80),
    Field("Agent_Country__c", "Страна сотрудника", length=80),
)
_OUTCOME = (
    Field("Satisfaction__c", "Оценка клиента", "integer"),
    Field("Satisfaction_Comment__c", "Отзыв клиента", "long text", length=4000),
    Field("Satisfaction_At__c", "Дата отзыва", "time"),
    Field(
        "Improvement_Area__c",
        "Что улучшить",
        "picklist",
        values=("Продукт", "Процедуры", "Помещения", "Системы", "Информация", "Люди"),
    ),
    Field("Minutes_Spent__c", "Затрачено минут", "integer"),
    Field("Cost__c", "Стоимость", "decimal"),
    Field("Cost_Currency__c", "Валюта", length=3),
    Field("Test__c", "Проверочное", "flag"),
)

BRIGHTNET = Vocabulary(
    company="brightnet",
    title="Брайтнет",
    language="ru",
    zone=ZoneInfo("Asia/Almaty"),
    groups=(
        Group("Обращение", _CASE),
        Group("Клиент и услуга", _CUSTOMER),
        Group("Обмен с компаниями", _EXCHANGE),
        Group("Сотрудники", _TEAM),
        Group("Итог", _OUTCOME),
    ),
    roles=Roles(
        title="Subject",
        details="Description",
        status="Status",
        status_changed="Status_Changed_At__c",
        priority="Priority",
        transfer="Holder__c",
        hub_id="Hub_Case__c",
        holder_number="Holder_Number__c",
        accountable="Accountable__c",
        contact_point="Contact_Point__c",
        customer="SuppliedName",
        agent="Agent__c",
    ),
    native=Native(
        id="Id",
        number="CaseNumber",
        version="SystemModstamp",
        created="CreatedDate",
        changed="LastModifiedDate",
        notes="CaseComments",
    ),
    audiences=(
        Audience("private", "internal", "Только мы"),
        Audience("partners", "partners", "Мы и компании-партнёры"),
        Audience("customer", "customer", "Клиент и все компании"),
    ),
    labels=RUSSIAN,
    colours=Colours(light="#0b5cad", dark="#7db8f5"),
    number_format="{:08d}",
    first_id=1001,
    time_step="seconds",
    time_shown="%d.%m.%Y %H:%M:%S",
    flag_words=("да", "нет"),
    note_length=COMMENT_BYTES,
    largest_file=LARGEST_FILE,
    extra_native=frozenset({"OwnerId", "ClosedDate", "IsClosed", "IsDeleted", "CreatedById"}),
)
