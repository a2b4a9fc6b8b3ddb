"""What the customer reads on the feedback page, in each language. Plain and kind; no word of how the companies work.

Pure. Next: `templates/feedback.html`, which places them; `feedback.py`, which chooses the language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Said:
    """A page that only says something: a heading, and a sentence below it. {company} is filled in."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """One language. Names in braces are filled in. months: as they read in `day`. scores: 1 to 5."""

    code: str
    name: str
    choose: str
    heading: str
    about: str
    about_day: str
    day: str
    months: tuple[str, ...]
    legend: str
    scores: tuple[str, str, str, str, str]
    text: str
    optional: str
    hint: str
    send: str
    reads: str
    problem: str
    no_score: str
    too_long: str
    not_sent: str
    thanks: Said
    sorry: Said
    used: Said
    ended: Said
    expired: Said
    forged: Said
    busy: Said

    def when(self, day: datetime) -> str:
        """A day as people write it."""
        return self.day.format(day=day.day, month=self.months[day.month - 1], year=day.year)


ENGLISH = Words(
    code="en",
    name="English",
    choose="Language",
    heading="How did we do?",
    about="Your case {number}",
    about_day="Your case {number}, resolved on {day}",
    day="{day} {month} {year}",
    months=("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December"),
    legend="How satisfied are you with how your case was resolved?",
    scores=("Very dissatisfied", "Dissatisfied", "Neither one nor the other", "Satisfied", "Very satisfied"),
    text="What should we know?",
    optional="optional",
    hint="What went well, what did not, what you would rather have. Please no passwords or card numbers.",
    send="Send",
    reads="{company} reads your answer. If you are not satisfied, your case is opened again.",
    problem="Please look at this again",
    no_score="Please choose one of the five answers.",
    too_long="Your text has {count} characters; up to {most} can be sent. Please shorten it.",
    not_sent="Your answer could not be kept just now. It still stands here: please send it again in a minute.",
    thanks=Said("Thank you!", "We are glad that it worked out. Your case is closed now."),
    sorry=Said(
        "Thank you for telling us.",
        "We are sorry that it did not go well. Your case is open again, and {company} goes on with it. We will ask you "
        "again once it is done.",
    ),
    used=Said("We have your answer.", "Thank you! This link can be used once. If you want to add something, please "
              "turn to {company}."),
    ended=Said(
        "Your case has moved on.",
        "It is being worked on, or was resolved again since this link was sent. {company} will ask you when it is "
        "done; if you have a newer link, please use that one.",
    ),
    expired=Said("This link has expired.", "It could be used for a limited time. Your word still counts: please turn "
                 "to {company}."),
    forged=Said("This link does not work.", "Part of it may be missing. Please open it from the message again, or copy "
                "all of it."),
    busy=Said("One moment, please.", "Very many requests came from your connection. Please try again in a minute."),
)  # fmt: skip
SPANISH = Words(
    code="es",
    name="Español",
    choose="Idioma",
    heading="¿Cómo lo hicimos?",
    about="Su caso {number}",
    about_day="Su caso {number}, resuelto el {day}",
    day="{day} de {month} de {year}",
    months=("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
            "noviembre", "diciembre"),
    legend="¿Qué tan satisfecho está con la forma en que se resolvió su caso?",
    scores=("Muy insatisfecho", "Insatisfecho", "Ni lo uno ni lo otro", "Satisfecho", "Muy satisfecho"),
    text="¿Qué debemos saber?",
    optional="opcional",
    hint="Qué salió bien, qué no, qué preferiría usted. Por favor, no escriba contraseñas ni números de tarjeta.",
    send="Enviar",
    reads="{company} lee su respuesta. Si no está satisfecho, su caso se abre de nuevo.",
    problem="Por favor, revise esto",
    no_score="Elija una de las cinco respuestas.",
    too_long="Su texto tiene {count} caracteres; se pueden enviar hasta {most}. Por favor, acórtelo.",
    not_sent="No pudimos guardar su respuesta en este momento. Sigue aquí: envíela de nuevo en un minuto.",
    thanks=Said("¡Gracias!", "Nos alegra que todo haya salido bien. Su caso queda cerrado."),
    sorry=Said(
        "Gracias por decírnoslo.",
        "Lamentamos que no haya salido bien. Su caso está abierto de nuevo y {company} sigue ocupándose de él. Le "
        "preguntaremos otra vez cuando esté listo.",
    ),
    used=Said("Ya tenemos su respuesta.", "¡Gracias! Este enlace se puede usar una sola vez. Si quiere añadir algo, "
              "diríjase a {company}."),
    ended=Said(
        "Su caso ha avanzado.",
        "Se está trabajando en él, o se resolvió de nuevo después de enviarse este enlace. {company} le preguntará "
        "cuando esté listo; si tiene un enlace más reciente, use ese.",
    ),
    expired=Said("Este enlace ha caducado.", "Se podía usar durante un tiempo limitado. Su opinión sigue contando: "
                 "diríjase a {company}."),
    forged=Said("Este enlace no funciona.", "Puede que le falte una parte. Ábralo de nuevo desde el mensaje o cópielo "
                "entero."),
    busy=Said("Un momento, por favor.", "Llegaron muchísimas solicitudes desde su conexión. Inténtelo de nuevo en un "
              "minuto."),
)  # fmt: skip
MALAY = Words(
    code="ms",
    name="Melayu",
    choose="Bahasa",
    heading="Bagaimanakah perkhidmatan kami?",
    about="Kes anda {number}",
    about_day="Kes anda {number}, diselesaikan pada {day}",
    day="{day} {month} {year}",
    months=("Januari", "Februari", "Mac", "April", "Mei", "Jun", "Julai", "Ogos", "September", "Oktober", "November",
            "Disember"),
    legend="Sejauh manakah anda berpuas hati dengan cara kes anda diselesaikan?",
    scores=("Sangat tidak berpuas hati", "Tidak berpuas hati", "Sederhana", "Berpuas hati", "Sangat berpuas hati"),
    text="Apakah yang perlu kami tahu?",
    optional="tidak wajib",
    hint="Apa yang baik, apa yang tidak, apa yang anda lebih suka. Jangan tulis kata laluan atau nombor kad.",
    send="Hantar",
    reads="{company} membaca jawapan anda. Jika anda tidak berpuas hati, kes anda dibuka semula.",
    problem="Sila semak semula",
    no_score="Sila pilih satu daripada lima jawapan.",
    too_long="Teks anda mempunyai {count} aksara; sehingga {most} boleh dihantar. Sila pendekkan.",
    not_sent="Jawapan anda tidak dapat disimpan sekarang. Ia masih ada di sini: sila hantar semula sebentar lagi.",
    thanks=Said("Terima kasih!", "Kami gembira semuanya berjalan lancar. Kes anda kini ditutup."),
    sorry=Said(
        "Terima kasih kerana memberitahu kami.",
        "Kami mohon maaf kerana ia tidak berjalan dengan baik. Kes anda dibuka semula dan {company} akan "
        "meneruskannya. Kami akan bertanya lagi apabila ia selesai.",
    ),
    used=Said("Kami telah menerima jawapan anda.", "Terima kasih! Pautan ini boleh digunakan sekali sahaja. Jika anda "
              "ingin menambah sesuatu, sila hubungi {company}."),
    ended=Said(
        "Kes anda telah bergerak ke hadapan.",
        "Ia sedang diusahakan, atau telah diselesaikan sekali lagi sejak pautan ini dihantar. {company} akan bertanya "
        "kepada anda apabila ia selesai; jika anda mempunyai pautan yang lebih baharu, sila gunakan pautan itu.",
    ),
    expired=Said("Pautan ini telah tamat tempoh.", "Ia hanya boleh digunakan untuk masa yang terhad. Pendapat anda "
                 "tetap penting: sila hubungi {company}."),
    forged=Said("Pautan ini tidak berfungsi.", "Mungkin sebahagian daripadanya tertinggal. Sila buka semula daripada "
                "mesej itu, atau salin kesemuanya."),
    busy=Said("Sila tunggu sebentar.", "Terlalu banyak permintaan datang daripada sambungan anda. Sila cuba lagi "
              "sebentar nanti."),
)  # fmt: skip
RUSSIAN = Words(
    code="ru",
    name="Русский",
    choose="Язык",
    heading="Как мы справились?",
    about="Ваше обращение {number}",
    about_day="Ваше обращение {number}, решено {day}",
    day="{day} {month} {year} г.",
    months=("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
            "декабря"),
    legend="Насколько вы довольны тем, как решено ваше обращение?",
    scores=("Совсем нет", "Скорее нет", "И да, и нет", "Скорее да", "Полностью"),
    text="Что нам следует знать?",
    optional="необязательно",
    hint="Что было хорошо, что нет, как вам было бы удобнее. Пожалуйста, не пишите пароли и номера карт.",
    send="Отправить",
    reads="Ваш ответ читает {company}. Если вы недовольны, обращение будет открыто снова.",
    problem="Пожалуйста, проверьте",
    no_score="Выберите один из пяти ответов.",
    too_long="В вашем тексте {count} символов; отправить можно до {most}. Пожалуйста, сократите его.",
    not_sent="Сейчас не удалось сохранить ваш ответ. Он остался здесь: отправьте его ещё раз через минуту.",
    thanks=Said("Спасибо!", "Рады, что всё получилось. Ваше обращение закрыто."),
    sorry=Said(
        "Спасибо, что сказали нам.",
        "Нам жаль, что получилось не так. Обращение снова открыто, им занимается {company}. Мы спросим вас ещё раз, "
        "когда всё будет готово.",
    ),
    used=Said("Ваш ответ у нас.", "Спасибо! Ссылкой можно воспользоваться один раз. Если хотите что-то добавить, "
              "обратитесь в {company}."),
    ended=Said(
        "С обращением продолжают работать.",
        "Над ним работают, или его решили заново после отправки этой ссылки. {company} спросит вас, когда всё будет "
        "готово; если у вас есть более новая ссылка, откройте её.",
    ),
    expired=Said("Срок ссылки истёк.", "Она действовала ограниченное время. Ваше мнение по-прежнему важно: обратитесь "
                 "в {company}."),
    forged=Said("Ссылка не работает.", "Возможно, не хватает её части. Откройте её из сообщения ещё раз или скопируйте "
                "целиком."),
    busy=Said("Одну минуту, пожалуйста.", "С вашего подключения пришло слишком много запросов. Попробуйте ещё раз "
              "через минуту."),
)  # fmt: skip
LANGUAGES: Mapping[str, Words] = {one.code: one for one in (ENGLISH, SPANISH, MALAY, RUSSIAN)}


def words_in(wishes: Iterable[str]) -> Words:
    """The first of these languages (BCP 47) that there is, else English. Who reads Indonesian reads Malay."""
    for wish in wishes:
        code = wish.strip().partition("-")[0].lower()
        if found := LANGUAGES.get("ms" if code == "id" else code):
            return found
    return ENGLISH


def accepted(header: str) -> list[str]:
    """Languages of an Accept-Language header, the best liked first; what is no language is left out."""
    wishes = []
    for place, part in enumerate(header[:500].split(",")):
        name, _, weight = part.partition(";")
        try:
            liked = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if liked > 0:
            wishes.append((-liked, place, name.strip()))
    return [name for _, _, name in sorted(wishes)]
