"""What the printed agreement says, in English, Spanish, Malay and Russian.

Pure. A field or word without a name here is shown as the agreement has it. Next: `content.py`, which fills these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.agreement_page.names import NAMES


@dataclass(frozen=True, slots=True)
class Words:
    """One language. Names in braces are filled in."""

    title: str
    lead: str
    edition: str
    version: str
    text: str
    rules: str
    one_face: str
    one_answers: str
    urges: str
    closes: str
    parties: str
    contact: str
    teams: str
    hours: str
    always: str
    holidays: str
    competent: str
    escalation: str
    answers_in: str
    promises: str
    each: str
    all_together: str
    over: str
    target: str
    otherwise: str
    yours: str
    others: str
    when: str
    any_case: str
    either: str
    moves: str
    act: str
    suggested: str
    auto: str
    information: str
    assignment: str
    waits: str
    accepts: str
    first_act: str
    filled: str
    refuses: str
    back_to: str
    unanswered: str
    goes_back: str
    stands: str
    crosses: str
    notes: str
    files: str
    nothing: str
    experts: str
    language: str
    why: str
    goes: str
    stays: str
    sign: str
    signing: str
    company: str
    name: str
    role: str
    date: str
    signature: str
    clocks: Mapping[str, str]
    fields: Mapping[str, str]


ENGLISH = Words(
    title="Global Service Agreement",
    lead="{companies} serve one customer together. Here stands who does what at each edge, what each of them promises, "
    "and what all promise together.",
    edition="Edition for {company}",
    version="Version {version}, from {day} on",
    text="Text",
    rules="What holds everywhere",
    one_face="Who took the customer's case stays the customer's one contact, whoever works on it, and sees all of it "
    "but private notes.",
    one_answers="At each instant one company answers for a case: who gave it, until the other one accepts it.",
    urges="The customer's contact may escalate a case, by {how}. Who has it answers, level by level, each in its time.",
    closes="A case closes when the customer gives at least {threshold} of 5. Silence closes nothing.",
    parties="The companies",
    contact="Contact",
    teams="Teams",
    hours="Working hours",
    always="day and night",
    holidays="closed {days}",
    competent="Solves",
    escalation="Is asked when a promise is not kept",
    answers_in="{role}, to act within {time}",
    promises="What is promised",
    each="each company",
    all_together="all together",
    over="over {edge}",
    target="kept in at least {share} of the cases",
    otherwise="If not",
    yours="Your edges",
    others="Edges of the others",
    when="Which cases",
    any_case="every case",
    either="or",
    moves="How a case moves",
    act="An agent chooses {receiver} in the transfer field of its own tool.",
    suggested="The hub tells {giver}'s agents that it belongs to {receiver}; one of them chooses {receiver} in the "
    "transfer field.",
    auto="By itself, once. An agent's act wins over it.",
    information="{receiver} gets it to read; {giver} goes on answering for it.",
    assignment="{receiver} gets a task, a case of its own; {giver} goes on answering for the first one.",
    waits="The first case is not resolved before the task has ended.",
    accepts="{receiver} accepts by",
    first_act="its first act on the case",
    filled="filled in",
    refuses="May be refused for",
    back_to="a refused case goes to {company}",
    unanswered="Without an answer",
    goes_back="goes back after {time} of {receiver}'s working time",
    stands="stays offered; the promise to accept is escalated",
    crosses="What crosses",
    notes="notes for {readers}",
    files="files for {readers}",
    nothing="nothing else",
    experts="Who knows this edge",
    language="Working language",
    why="Why",
    goes="goes over it",
    stays="does not",
    sign="Signatures",
    signing="Who signs agrees to the text with this hash, in whichever language it is printed.",
    company="Company",
    name="Name",
    role="Role",
    date="Date",
    signature="Signature",
    clocks={
        "accept": "accept or refuse a case",
        "firstResponse": "first word after taking it over",
        "update": "next word to the others",
        "resolve": "resolve it, in own working time",
        "endToEnd": "resolve it, on the customer's clock",
    },
    fields=NAMES["en"],
)
SPANISH = Words(
    title="Acuerdo Global de Servicio",
    lead="{companies} atienden juntas a un mismo cliente. Aquí consta quién hace qué en cada frontera, qué promete "
    "cada "
    "empresa y qué prometen todas juntas.",
    edition="Edición para {company}",
    version="Versión {version}, a partir del {day}",
    text="Texto",
    rules="Lo que vale siempre",
    one_face="Quien recibió el caso sigue siendo el único contacto del cliente, lo trabaje quien lo trabaje, y lo ve "
    "todo "
    "salvo las notas privadas.",
    one_answers="En cada momento una sola empresa responde del caso: quien lo entregó, hasta que la otra lo acepta.",
    urges="El contacto del cliente puede escalar un caso, con {how}. Quien lo tiene responde, nivel por nivel.",
    closes="Un caso se cierra cuando el cliente da al menos {threshold} de 5. El silencio no cierra nada.",
    parties="Las empresas",
    contact="Contacto",
    teams="Equipos",
    hours="Horario",
    always="día y noche",
    holidays="cerrado {days}",
    competent="Resuelve",
    escalation="A quién se acude si no se cumple una promesa",
    answers_in="{role}, debe actuar en {time}",
    promises="Lo que se promete",
    each="cada empresa",
    all_together="todas juntas",
    over="por {edge}",
    target="cumplido en al menos el {share} de los casos",
    otherwise="Si no",
    yours="Sus fronteras",
    others="Fronteras de las demás",
    when="Qué casos",
    any_case="todos los casos",
    either="o",
    moves="Cómo pasa un caso",
    act="Un agente elige {receiver} en el campo de traspaso de su propia herramienta.",
    suggested="El hub dice a los agentes de {giver} que corresponde a {receiver}; uno de ellos elige {receiver} en el "
    "campo de traspaso.",
    auto="Por sí solo, una vez. El acto de un agente prevalece.",
    information="{receiver} lo recibe para leerlo; {giver} sigue respondiendo de él.",
    assignment="{receiver} recibe una tarea, un caso propio; {giver} sigue respondiendo del primero.",
    waits="El primer caso no se resuelve antes de que termine la tarea.",
    accepts="{receiver} acepta con",
    first_act="su primer acto en el caso",
    filled="rellenado",
    refuses="Puede rechazarse por",
    back_to="un caso rechazado va a {company}",
    unanswered="Sin respuesta",
    goes_back="vuelve tras {time} del horario de {receiver}",
    stands="sigue ofrecido; se escala la promesa de aceptar",
    crosses="Qué pasa al otro lado",
    notes="notas para {readers}",
    files="archivos para {readers}",
    nothing="nada más",
    experts="Quién conoce esta frontera",
    language="Idioma de trabajo",
    why="Por qué",
    goes="pasa por ella",
    stays="no pasa",
    sign="Firmas",
    signing="Quien firma acepta el texto con este hash, en cualquier idioma en que se imprima.",
    company="Empresa",
    name="Nombre",
    role="Cargo",
    date="Fecha",
    signature="Firma",
    clocks={
        "accept": "aceptar o rechazar un caso",
        "firstResponse": "primera palabra tras asumirlo",
        "update": "siguiente palabra a las demás",
        "resolve": "resolverlo, en horario propio",
        "endToEnd": "resolverlo, según el reloj del cliente",
    },
    fields=NAMES["es"],
)
MALAY = Words(
    title="Perjanjian Perkhidmatan Global",
    lead="{companies} bersama-sama melayani seorang pelanggan. Di sini tertulis siapa membuat apa di setiap sempadan, "
    "apa yang dijanjikan oleh setiap syarikat, dan apa yang dijanjikan bersama.",
    edition="Edisi untuk {company}",
    version="Versi {version}, mulai {day}",
    text="Teks",
    rules="Yang berlaku di mana-mana",
    one_face="Syarikat yang menerima kes kekal sebagai satu-satunya titik hubungan pelanggan, sesiapa pun yang "
    "mengerjakannya, dan melihat semuanya kecuali nota peribadi.",
    one_answers="Pada setiap saat satu syarikat bertanggungjawab atas kes: pemberi, sehingga penerima menerimanya.",
    urges="Titik hubungan pelanggan boleh meningkatkan kes, dengan {how}. Pemegang kes menjawab, tahap demi tahap.",
    closes="Kes ditutup apabila pelanggan memberi sekurang-kurangnya {threshold} daripada 5. Diam tidak menutup "
    "apa-apa.",
    parties="Syarikat-syarikat",
    contact="Hubungan",
    teams="Pasukan",
    hours="Waktu kerja",
    always="siang dan malam",
    holidays="tutup {days}",
    competent="Menyelesaikan",
    escalation="Ditanya apabila janji tidak ditepati",
    answers_in="{role}, bertindak dalam {time}",
    promises="Yang dijanjikan",
    each="setiap syarikat",
    all_together="semua bersama",
    over="melalui {edge}",
    target="ditepati dalam sekurang-kurangnya {share} kes",
    otherwise="Jika tidak",
    yours="Sempadan anda",
    others="Sempadan yang lain",
    when="Kes yang mana",
    any_case="setiap kes",
    either="atau",
    moves="Bagaimana kes berpindah",
    act="Seorang ejen memilih {receiver} dalam medan pemindahan alatnya sendiri.",
    suggested="Hab memberitahu ejen {giver} bahawa kes itu milik {receiver}; seorang daripada mereka memilih "
    "{receiver} "
    "dalam medan pemindahan.",
    auto="Dengan sendirinya, sekali. Tindakan ejen mengatasinya.",
    information="{receiver} menerimanya untuk dibaca; {giver} terus bertanggungjawab.",
    assignment="{receiver} menerima tugas, satu kes tersendiri; {giver} terus bertanggungjawab atas kes pertama.",
    waits="Kes pertama tidak diselesaikan sebelum tugas itu tamat.",
    accepts="{receiver} menerima dengan",
    first_act="tindakan pertamanya pada kes",
    filled="diisi",
    refuses="Boleh ditolak kerana",
    back_to="kes yang ditolak pergi kepada {company}",
    unanswered="Tanpa jawapan",
    goes_back="kembali selepas {time} waktu kerja {receiver}",
    stands="kekal ditawarkan; janji untuk menerima dinaikkan",
    crosses="Yang menyeberang",
    notes="nota untuk {readers}",
    files="fail untuk {readers}",
    nothing="tiada yang lain",
    experts="Yang mengenali sempadan ini",
    language="Bahasa kerja",
    why="Sebab",
    goes="melaluinya",
    stays="tidak",
    sign="Tandatangan",
    signing="Penandatangan bersetuju dengan teks yang mempunyai hash ini, dalam apa jua bahasa ia dicetak.",
    company="Syarikat",
    name="Nama",
    role="Jawatan",
    date="Tarikh",
    signature="Tandatangan",
    clocks={
        "accept": "menerima atau menolak kes",
        "firstResponse": "kata pertama selepas mengambilnya",
        "update": "kata seterusnya kepada yang lain",
        "resolve": "menyelesaikannya, dalam waktu kerja sendiri",
        "endToEnd": "menyelesaikannya, mengikut jam pelanggan",
    },
    fields=NAMES["ms"],
)
RUSSIAN = Words(
    title="Глобальное соглашение об обслуживании",
    lead="{companies} вместе обслуживают одного клиента. Здесь сказано, кто что делает на каждой границе, что обещает "
    "каждая компания и что обещают все вместе.",
    edition="Экземпляр компании {company}",
    version="Версия {version}, действует с {day}",
    text="Текст",
    rules="Что действует всегда",
    one_face="Кто принял обращение, остаётся единственным контактом клиента, кто бы над ним ни работал, и видит в нём "
    "всё, кроме личных заметок.",
    one_answers="В каждый момент за обращение отвечает одна компания: передавшая, пока другая его не приняла.",
    urges="Контакт клиента может эскалировать обращение: {how}. Отвечает тот, у кого оно, уровень за уровнем.",
    closes="Обращение закрывается, когда клиент ставит не меньше {threshold} из 5. Молчание ничего не закрывает.",
    parties="Компании",
    contact="Связь",
    teams="Команды",
    hours="Часы работы",
    always="круглосуточно",
    holidays="выходные: {days}",
    competent="Решает",
    escalation="К кому обращаются, если обещание не сдержано",
    answers_in="{role}, действует в течение {time}",
    promises="Что обещано",
    each="каждая компания",
    all_together="все вместе",
    over="через {edge}",
    target="выполняется не менее чем в {share} обращений",
    otherwise="Иначе",
    yours="Ваши границы",
    others="Границы остальных",
    when="Какие обращения",
    any_case="любое обращение",
    either="или",
    moves="Как переходит обращение",
    act="Оператор выбирает компанию {receiver} в поле передачи своей системы.",
    suggested="Хаб сообщает операторам компании {giver}, что обращение относится к компании {receiver}; один из них "
    "выбирает её в поле передачи.",
    auto="Само, один раз. Действие оператора важнее.",
    information="{receiver} получает его для чтения; отвечает за него по-прежнему {giver}.",
    assignment="{receiver} получает задание, отдельное обращение; за первое по-прежнему отвечает {giver}.",
    waits="Первое обращение не решается, пока задание не завершено.",
    accepts="{receiver} принимает так",
    first_act="первое действие с обращением",
    filled="заполнено",
    refuses="Можно отказаться по причине",
    back_to="отклонённое обращение переходит: {company}",
    unanswered="Без ответа",
    goes_back="возвращается через {time} рабочего времени компании {receiver}",
    stands="остаётся предложенным; обещание принять поднимается выше",
    crosses="Что передаётся",
    notes="заметки для: {readers}",
    files="файлы для: {readers}",
    nothing="больше ничего",
    experts="Кто знает эту границу",
    language="Рабочий язык",
    why="Почему",
    goes="переходит",
    stays="не переходит",
    sign="Подписи",
    signing="Подписавший согласен с текстом, у которого этот хеш, на каком бы языке он ни был напечатан.",
    company="Компания",
    name="Имя",
    role="Должность",
    date="Дата",
    signature="Подпись",
    clocks={
        "accept": "принять обращение или отказаться",
        "firstResponse": "первое слово после принятия",
        "update": "следующее слово остальным",
        "resolve": "решить, в своё рабочее время",
        "endToEnd": "решить, по часам клиента",
    },
    fields=NAMES["ru"],
)
LANGUAGES: Mapping[str, Words] = {"en": ENGLISH, "es": SPANISH, "ms": MALAY, "ru": RUSSIAN}
LOCALES: Mapping[str, str] = {"en": "en_GB", "es": "es", "ms": "ms", "ru": "ru"}
"""How each writes dates and lists, by Babel's name."""
