"""The script: twelve cases of people who buy cable, telephone and internet as one, and what the agents do with them.

Read it from the top: each scene is one case, each line one act in one company's own tool. N is Northcable, T Telvoz, B
Brightnet. Nine cases are handed over and worked on the other side; one transfer is one that no edge of the agreement
permits, and must end parked; two never leave. Next: `lines.py` (what a line means), `stage.py` (performs them).
"""

from __future__ import annotations

from sandbox.demo.acts import Script
from sandbox.demo.lines import (
    CUSTOMER,
    PARTNERS,
    PRIVATE,
    Scene,
    closes,
    edits,
    escalates,
    gives_back,
    hands,
    opens,
    pauses,
    reopens,
    resolves,
    says,
    scores,
    works,
)
from sandbox.demo.people import People

N, T, B = "northcable", "telvoz", "brightnet"


def story() -> tuple[Script, ...]:
    """The scenes, with their people."""
    people = People()
    return tuple(scene.script(f"DEMO-{number:02d}", people) for number, scene in enumerate(SCENES, 1))


SCENES = (
    # The customer is content: the hub closes the case in both companies.
    Scene("No dial tone since the storm", "TEL-HOME", "complaint", "high", (
        opens(N, to=T, details="The line went dead on Friday evening. Television and internet work."),
        works(T),
        says(T, PARTNERS, "El par de la calle está roto; va una cuadrilla esta tarde."),
        says(T, PRIVATE, "La cuadrilla de siempre llega tarde: avisar al supervisor."),
        resolves(T, "Par reparado, hay tono.", minutes=35),
        scores(N, 5, "Quick, and they called first.", then="closed"),
    )),
    # The customer is not: the hub reopens it, Brightnet owes a corrective action, and his next word proves it.
    Scene("Internet lento por las noches", "NET-100", "complaint", "medium", (
        opens(T, details="Desde el lunes, de 20 a 23 h, menos de 5 Mbit/s."),
        says(T, PRIVATE, "Cliente de tarifa antigua, ofrecer cambio de plan."),
        hands(T, B),
        works(B),
        resolves(B, "Перегружен узел доступа, канал расширен.", minutes=50),
        scores(T, 2, "Sigue igual de lento.", then="inProgress"),
        says(B, PARTNERS, "Заменили порт на узле, проверяем вечером."),
        resolves(B, "Порт заменён, скорость 97 Мбит/с.", minutes=85),
        scores(T, 5, "Ahora sí, gracias.", then="closed"),
    )),
    # Refused: given back before anybody there accepted it.
    Scene("Снег на экране по всем каналам", "CABLE-TV", "complaint", "medium", (
        opens(B, to=N, details="На всех каналах помехи, интернет работает."),
        gives_back(N, B, "Not ours: the picture comes from the customer's own aerial."),
        says(B, CUSTOMER, "Проверьте, пожалуйста, антенну: кабель Northcable не подключён."),
        resolves(B, "Клиент переключил телевизор на кабель.", minutes=15),
    )),
    # Ping-pong, and then on to the third company: all three hold it, and the customer's word closes it in all three.
    Scene("Nothing works after the move to a new flat", "BUNDLE", "installation", "critical", (
        opens(N, to=T, details="Telephone, cable and internet are all dead at the new address."),
        works(T),
        hands(T, N, "El teléfono ya tiene línea; falta la señal del cable."),
        works(N),
        says(N, PARTNERS, "Cable is live again in the flat, the modem still has no address."),
        hands(N, B, "Only the modem is left."),
        works(B),
        says(B, CUSTOMER, "Модем зарегистрирован, перезагрузите его один раз."),
        resolves(B, "Адрес выдан, всё работает.", minutes=40),
        scores(N, 5, "All three came, and it all works.", then="closed"),
    )),
    # No edge lets Telvoz hand a telephone case to Brightnet: it stays, and a person is asked.
    Scene("Cambio de número del móvil", "TEL-MOBILE", "assistance", "low", (
        opens(T, details="Quiere conservar el prefijo."),
        hands(T, B, permitted=False),
        works(T),
        resolves(T, "Número cambiado.", minutes=10),
    )),
    # Reopened by the company that gave it.
    Scene("Приставка зависает на заставке", "CABLE-BOX", "complaint", "high", (
        opens(B, to=N, details="После обновления приставка не загружается."),
        works(N),
        resolves(N, "Firmware rolled back.", minutes=20),
        reopens(B, "Снова зависла через час."),
        says(N, PARTNERS, "A new box is on its way; the old one has a faulty disk."),
        resolves(N, "Box replaced.", minutes=30),
    )),
    # A question and an answer cross, then praise.
    Scene("Router drops the connection every hour", "NET-1000", "complaint", "medium", (
        opens(N, details="The light turns red, then comes back by itself."),
        says(N, CUSTOMER, "We have passed this to Brightnet, who run the line."),
        hands(N, B),
        pauses(B, "pending", "Нужен серийный номер роутера."),
        says(N, CUSTOMER, "The serial number on the router is BN-77310."),
        works(B),
        resolves(B, "Прошивка обновлена, обрывов нет.", minutes=25),
        scores(N, 4, "Took a while, works now.", then="closed"),
    )),
    # It stands still, so the contact point escalates: a person of Northcable's is named, who answers.
    Scene("Faltan canales del paquete deportivo", "CABLE-TV", "assistance", "medium", (
        opens(T, to=N, details="Contrató el paquete el martes y no aparece."),
        pauses(N, "held", "Waiting for the billing system to come back."),
        escalates(T, N, "ESCALATED by Telvoz: team lead of the cable desk has to answer by"),
        works(N),
        resolves(N, "Package switched on.", minutes=12),
    )),
    # Two agents change one field at once: the holder's word stands, the other is logged.
    Scene("Плохая слышимость на домашнем телефоне", "TEL-HOME", "complaint", "medium", (
        opens(B, to=T, details="Собеседник слышен через слово."),
        works(T),
        edits(B, {"priority": "high"}, shows=()),
        edits(T, {"priority": "critical"}),
        says(T, PARTNERS, "Hay humedad en el armario de la calle."),
        resolves(T, "Armario secado y sellado.", minutes=70),
    )),
    # A partner's own "closed" is a request: the others see it as resolved until the customer agrees.
    Scene("New fibre line for a small office", "BUNDLE", "installation", "high", (
        opens(N, to=B, details="Four desks, line wanted by Monday."),
        works(B),
        says(B, PRIVATE, "Договор согласован со скидкой, не упоминать."),
        says(B, PARTNERS, "Монтаж назначен на четверг, 10:00."),
        closes(B, "Линия сдана."),
    )),
    # Two that never leave home.
    Scene("Remote control was lost", "CABLE-BOX", "assistance", "low", (
        opens(N, details="Asks for a second one."),
        says(N, PRIVATE, "Third remote this year, no charge."),
        resolves(N, "Sent by post.", minutes=5),
    )),
    Scene("Consulta sobre la factura de octubre", "TEL-HOME", "assistance", "low", (
        opens(T, details="No entiende el cargo por traslado."),
        works(T),
        resolves(T, "Cargo explicado y abonado.", minutes=8),
    )),
)  # fmt: skip
