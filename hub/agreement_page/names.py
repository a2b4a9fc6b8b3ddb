"""Names of canonical paths and words as people say them, in four languages. Next: `words.py`, for the sentences."""

from __future__ import annotations

from collections.abc import Mapping

_ROWS = """
name | subject | asunto | tajuk | тема
description | description | descripción | penerangan | описание
ticketType | kind of case | tipo de caso | jenis kes | вид обращения
severity | severity | gravedad | keterukan | тяжесть
priority | priority | prioridad | keutamaan | приоритет
status | status | estado | status | статус
statusChangeDate | when the status changed | fecha del estado | tarikh status | когда изменён статус
statusChangeReason | reason of the status | motivo del estado | sebab status | причина статуса
channel | channel | canal | saluran | канал
requestedResolutionDate | date asked for | fecha solicitada | tarikh diminta | желаемый срок
expectedResolutionDate | date expected | fecha prevista | tarikh dijangka | ожидаемый срок
resolutionDate | date resolved | fecha de resolución | tarikh selesai | дата решения
relatedParty.customer.* | the customer | el cliente | pelanggan | клиент
relatedParty.customer.id | the customer's number | número del cliente | nombor pelanggan | номер клиента
relatedParty.customer.name | the customer's name | nombre del cliente | nama pelanggan | имя клиента
relatedParty.customer.contact | the customer's contact | contacto del cliente | hubungan pelanggan | контакт клиента
relatedParty.solver.name | who works on it | quién lo trabaja | yang mengerjakannya | кто работает
relatedEntity.* | product and service | producto y servicio | produk dan perkhidmatan | продукт и услуга
relatedEntity.product.id | product | producto | produk | продукт
relatedEntity.product.name | product's name | nombre del producto | nama produk | название продукта
relatedEntity.service.id | service | servicio | perkhidmatan | услуга
characteristic.* | further details | otros detalles | butiran lain | прочие сведения
preference | preference | preferencia | keutamaan pelanggan | пожелание
improvementArea | area to improve | área de mejora | bidang penambahbaikan | что улучшить
effort.* | effort | esfuerzo | usaha | трудозатраты
cost.* | cost | coste | kos | стоимость
feedback.* | feedback | valoración | maklum balas | отзыв
feedback.score | feedback score | puntuación | skor maklum balas | оценка
acknowledged | new | nuevo | baharu | новое
inProgress | in progress | en curso | sedang dijalankan | в работе
pending | waiting for the customer | a la espera del cliente | menunggu pelanggan | ждёт клиента
held | on hold | en espera | ditangguhkan | приостановлено
resolved | resolved | resuelto | selesai | решено
closed | closed | cerrado | ditutup | закрыто
critical | critical | crítica | kritikal | критический
high | high | alta | tinggi | высокий
medium | medium | media | sederhana | средний
low | low | baja | rendah | низкий
complaint | complaint | reclamación | aduan | жалоба
assistance | assistance | asistencia | bantuan | помощь
information | information | información | maklumat | справка
installation | installation | instalación | pemasangan | установка
maintenance | maintenance | mantenimiento | penyelenggaraan | обслуживание
partners | the companies | las empresas | syarikat-syarikat | компании
customer | the customer | el cliente | pelanggan | клиент
giver | the giver | quien lo entregó | pemberi | передавшая компания
contactPoint | the contact point | el punto de contacto | titik hubungan | контактная компания
solution | solution team | equipo de solución | pasukan penyelesaian | команда решения
"""


def _names() -> Mapping[str, Mapping[str, str]]:
    rows = [[cell.strip() for cell in line.split("|")] for line in _ROWS.strip().splitlines()]
    return {language: {row[0]: row[i] for row in rows} for i, language in enumerate(("en", "es", "ms", "ru"), 1)}


NAMES: Mapping[str, Mapping[str, str]] = _names()
"""language -> path or word -> its name."""
