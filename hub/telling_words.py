"""What the hub tells agents, in their language: sentences of one language each, and which language a company gets.

Pure. Fields are named as their own system names them, values as they wrote them. Next: `telling.py`, which fills these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mappings.ops_cut import MARK, Cut


@dataclass(frozen=True, slots=True)
class Sentences:
    """One language. Names in braces are filled in. moment: how a time is written, as strftime has it."""

    moment: str
    hub: str
    desk: str
    held: str
    held_numbered: str
    yours: str
    due: str
    accept_by: str
    resolve_by: str
    each: str
    delivered: str
    waits: str
    unknown_value: str
    unread: str
    unfit: str
    refused: str
    ignored: str
    file: str
    conflict: str
    transfer: str
    suggested: str
    no_reason: str
    name_one: str
    acts: str
    acts_or_correct: str
    acts_on_transfer: str
    over: str
    replaces: str
    withdrawn: str
    again: str
    wrote: str
    ask: str
    ask_again: str
    silent: str
    ask_link: str
    corrective: str
    task_open: str
    task_done: str
    task_refused: str
    urged: str
    urges: str


ENGLISH = Sentences(
    moment="%Y-%m-%d %H:%M",
    hub="the hub",
    desk="The exchange desk",
    held="With {company}.",
    held_numbered="With {company}, number there: {number}.",
    yours="With you. The customer's contact point is {company}.",
    due="Due: {when}.",
    accept_by="{company} has to accept it by {when}.",
    resolve_by="{company} has to resolve it by {when}.",
    each="The companies together",
    delivered="Last delivered to {company}: {when}.",
    waits="NOT PASSED ON",
    unknown_value="“{value}” in {field} is not understood ({code}).",
    unread="what {field} says is not understood ({code}).",
    unfit="{company} cannot take what {field} says ({code}).",
    refused="{company} did not take the last change ({code}).",
    ignored="{company} did not keep what {field} says ({code}).",
    file="the file {file} did not go on ({code}).",
    conflict="{field} was changed by two companies; it has to be decided which value stands ({code}).",
    transfer="no agreement permits this transfer, it was taken back ({code}).",
    suggested="The agreement says: hand it over to {company}.",
    no_reason="the refusal names no reason that the agreement allows ({code}).",
    name_one="Write one of these as the reason and refuse again: {reasons}.",
    acts="{who} acts on it.",
    acts_or_correct="Correct it here, or wait: {who} acts on it.",
    acts_on_transfer="Choose another company; {who} can tell which.",
    over="PASSED ON: nothing waits any more.",
    replaces="(replaces note [{ref}…])",
    withdrawn="Note [{ref}…] was withdrawn by its author.",
    again="Note [{ref}…] holds again.",
    wrote="Note [{ref}…] was written by {author}, {company}.",
    ask="RESOLVED: please ask the customer how satisfied he is (1 to 5), and enter it here.",
    ask_again="RESOLVED, asked {times} times: please ask the customer how satisfied he is (1 to 5), and enter it here.",
    silent="RESOLVED: the customer has not answered, and is not waited for any more. An answer still counts.",
    ask_link="The customer can answer by this link, once, until {when}: {link}",
    corrective="CUSTOMER NOT SATISFIED. Corrective action: {who}, until {when}.",
    task_open="A task is with {company}: the case can be resolved once that has ended.",
    task_done="Task with {company}{number}: resolved.",
    task_refused="Task with {company}{number}: not done.",
    urged="ESCALATED by {company}: {who} has to answer by {when}.",
    urges="Escalated: {who} of {company} has to answer by {when}.",
)
SPANISH = Sentences(
    moment="%d/%m/%Y %H:%M",
    hub="el hub",
    desk="La mesa de intercambio",
    held="Lo tiene {company}.",
    held_numbered="Lo tiene {company}, número allí: {number}.",
    yours="Lo tienen ustedes. El punto de contacto del cliente es {company}.",
    due="Vence: {when}.",
    accept_by="{company} debe aceptarlo hasta {when}.",
    resolve_by="{company} debe resolverlo hasta {when}.",
    each="Todas las empresas",
    delivered="Última entrega a {company}: {when}.",
    waits="NO TRANSMITIDO",
    unknown_value="no se entiende «{value}» en {field} ({code}).",
    unread="no se entiende lo que dice {field} ({code}).",
    unfit="{company} no puede recibir lo que dice {field} ({code}).",
    refused="{company} no aceptó el último cambio ({code}).",
    ignored="{company} no conservó lo que dice {field} ({code}).",
    file="el archivo {file} no siguió su camino ({code}).",
    conflict="dos empresas cambiaron {field}; hay que decidir qué valor queda ({code}).",
    transfer="ningún acuerdo permite este traspaso, se deshizo ({code}).",
    suggested="Según el acuerdo corresponde a {company}: traspásenlo.",
    no_reason="el rechazo no da ningún motivo que permita el acuerdo ({code}).",
    name_one="Escriba uno de estos motivos y rechácelo de nuevo: {reasons}.",
    acts="{who} se ocupa.",
    acts_or_correct="Corríjalo aquí o espere: {who} se ocupa.",
    acts_on_transfer="Elija otra empresa; {who} le dirá cuál.",
    over="TRANSMITIDO: ya no espera nada.",
    replaces="(sustituye a la nota [{ref}…])",
    withdrawn="Su autor retiró la nota [{ref}…].",
    again="La nota [{ref}…] vuelve a valer.",
    wrote="La nota [{ref}…] la escribió {author}, {company}.",
    ask="RESUELTO: pregunte al cliente qué tan satisfecho está, de 1 a 5, y anótelo aquí.",
    ask_again="RESUELTO, pedido {times} veces: pregunte al cliente qué tan satisfecho está, de 1 a 5, y anótelo aquí.",
    silent="RESUELTO: el cliente no ha respondido y ya no se espera. Una respuesta todavía cuenta.",
    ask_link="El cliente puede responder una vez con este enlace, hasta {when}: {link}",
    corrective="CLIENTE INSATISFECHO. Acción correctiva: {who}, hasta {when}.",
    task_open="{company} tiene una tarea: el caso se puede resolver cuando esta termine.",
    task_done="Tarea de {company}{number}: resuelta.",
    task_refused="Tarea de {company}{number}: no realizada.",
    urged="ESCALADO por {company}: {who} debe responder hasta {when}.",
    urges="Escalado: {who} de {company} debe responder hasta {when}.",
)
MALAY = Sentences(
    moment="%d/%m/%Y %H:%M",
    hub="hab",
    desk="Meja pertukaran",
    held="Dipegang oleh {company}.",
    held_numbered="Dipegang oleh {company}, nombor di sana: {number}.",
    yours="Dipegang oleh anda. Titik hubungan pelanggan ialah {company}.",
    due="Tarikh akhir: {when}.",
    accept_by="{company} perlu menerimanya sebelum {when}.",
    resolve_by="{company} perlu menyelesaikannya sebelum {when}.",
    each="Semua syarikat",
    delivered="Penghantaran terakhir kepada {company}: {when}.",
    waits="TIDAK DITERUSKAN",
    unknown_value="“{value}” dalam {field} tidak difahami ({code}).",
    unread="kandungan {field} tidak difahami ({code}).",
    unfit="{company} tidak dapat menerima kandungan {field} ({code}).",
    refused="{company} tidak menerima perubahan terakhir ({code}).",
    ignored="{company} tidak menyimpan kandungan {field} ({code}).",
    file="fail {file} tidak diteruskan ({code}).",
    conflict="{field} diubah oleh dua syarikat; perlu diputuskan nilai mana yang kekal ({code}).",
    transfer="tiada perjanjian membenarkan pemindahan ini, ia telah dibatalkan ({code}).",
    suggested="Menurut perjanjian, serahkannya kepada {company}.",
    no_reason="penolakan tidak memberi sebab yang dibenarkan oleh perjanjian ({code}).",
    name_one="Tulis salah satu sebab ini dan tolak semula: {reasons}.",
    acts="{who} akan bertindak.",
    acts_or_correct="Betulkan di sini, atau tunggu: {who} akan bertindak.",
    acts_on_transfer="Pilih syarikat lain; {who} boleh memberitahu yang mana.",
    over="DITERUSKAN: tiada lagi yang menunggu.",
    replaces="(menggantikan nota [{ref}…])",
    withdrawn="Nota [{ref}…] telah ditarik balik oleh penulisnya.",
    again="Nota [{ref}…] berkuat kuasa semula.",
    wrote="Nota [{ref}…] ditulis oleh {author}, {company}.",
    ask="SELESAI: sila tanya pelanggan sejauh mana dia berpuas hati (1 hingga 5) dan catatkan di sini.",
    ask_again="SELESAI, diminta {times} kali: sila tanya pelanggan sejauh mana dia berpuas hati (1 hingga 5).",
    silent="SELESAI: pelanggan tidak menjawab dan tidak ditunggu lagi. Jawapan masih dikira.",
    ask_link="Pelanggan boleh menjawab sekali melalui pautan ini, sehingga {when}: {link}",
    corrective="PELANGGAN TIDAK BERPUAS HATI. Tindakan pembetulan: {who}, sehingga {when}.",
    task_open="Satu tugas ada pada {company}: kes boleh diselesaikan setelah tugas itu tamat.",
    task_done="Tugas pada {company}{number}: selesai.",
    task_refused="Tugas pada {company}{number}: tidak dilakukan.",
    urged="DITINGKATKAN oleh {company}: {who} perlu menjawab sebelum {when}.",
    urges="Ditingkatkan: {who} di {company} perlu menjawab sebelum {when}.",
)
RUSSIAN = Sentences(
    moment="%d.%m.%Y %H:%M",
    hub="хаб",
    desk="Служба обмена",
    held="Обращение у компании {company}.",
    held_numbered="Обращение у компании {company}, номер там: {number}.",
    yours="Обращение у вас. Контактное лицо клиента — компания {company}.",
    due="Срок: {when}.",
    accept_by="Принять до {when}: {company}.",
    resolve_by="Решить до {when}: {company}.",
    each="все компании",
    delivered="Последняя передача компании {company}: {when}.",
    waits="НЕ ПЕРЕДАНО",
    unknown_value="значение «{value}» в поле {field} непонятно ({code}).",
    unread="значение поля {field} непонятно ({code}).",
    unfit="компания {company} не может принять значение поля {field} ({code}).",
    refused="компания {company} не приняла последнее изменение ({code}).",
    ignored="компания {company} не сохранила значение поля {field} ({code}).",
    file="файл {file} не передан ({code}).",
    conflict="поле {field} изменили две компании; нужно решить, какое значение остаётся ({code}).",
    transfer="ни одно соглашение не разрешает эту передачу, она отменена ({code}).",
    suggested="По соглашению его следует передать компании {company}.",
    no_reason="в отказе не указана причина, допустимая по соглашению ({code}).",
    name_one="Укажите одну из причин и откажитесь снова: {reasons}.",
    acts="Этим занимается: {who}.",
    acts_or_correct="Исправьте здесь или подождите. Этим занимается: {who}.",
    acts_on_transfer="Выберите другую компанию; какую — подскажет: {who}.",
    over="ПЕРЕДАНО: больше ничего не ждёт.",
    replaces="(заменяет заметку [{ref}…])",
    withdrawn="Заметка [{ref}…] отозвана автором.",
    again="Заметка [{ref}…] снова в силе.",
    wrote="Заметку [{ref}…] написал(а) {author}, {company}.",
    ask="РЕШЕНО: спросите клиента, насколько он доволен (от 1 до 5), и запишите здесь.",
    ask_again="РЕШЕНО, просьба № {times}: спросите клиента, насколько он доволен (от 1 до 5), и запишите здесь.",
    silent="РЕШЕНО: клиент не ответил, ответа больше не ждут. Ответ всё ещё засчитывается.",
    ask_link="Клиент может ответить один раз по этой ссылке до {when}: {link}",
    corrective="КЛИЕНТ НЕДОВОЛЕН. Корректирующее действие: {who}, до {when}.",
    task_open="Задание у {company}: обращение можно решить, когда оно завершится.",
    task_done="Задание у {company}{number}: выполнено.",
    task_refused="Задание у {company}{number}: не выполнено.",
    urged="ЭСКАЛАЦИЯ от {company}: {who} должен ответить до {when}.",
    urges="Эскалация: {who} ({company}) должен ответить до {when}.",
)
LANGUAGES: Mapping[str, Sentences] = {"en": ENGLISH, "es": SPANISH, "ms": MALAY, "ru": RUSSIAN}


def spoken_in(language: str) -> Sentences | None:
    """The sentences of a BCP 47 language (es-CO is es), or None where there are none."""
    return LANGUAGES.get(language.partition("-")[0].lower())


def fitted(lines: Sequence[str], length: int) -> str:
    """As many whole lines as go into so many characters, of the first one what does; the mark where any is left out."""
    if len(whole := "\n".join(lines)) <= length:
        return whole
    for count in range(len(lines) - 1, 0, -1):
        if len(shorter := "\n".join((*lines[:count], MARK))) <= length:
            return shorter
    return Cut(length, "drop").inverse(lines[0] + MARK)


def longest(words: Sentences, field: str, company: str) -> str:
    """The longest line of this language, about a field and a company of these names."""
    told, when = "…" * 20, words.moment
    known = {
        "field": field,
        "company": company,
        "code": "M201",
        "value": told,
        "number": told,
        "file": told,
        "when": when,
    }
    causes = (words.unfit, words.refused, words.ignored, words.file, words.conflict)
    held = [(cause, words.acts) for cause in causes]
    held += [(words.unknown_value, words.acts_or_correct), (words.unread, words.acts_or_correct)]
    held += [(words.transfer, words.acts_on_transfer)]
    lines = [f"{words.waits}: {cause.format(**known)} {acts.format(who=words.desk)}" for cause, acts in held]
    lines += [one.format(**known) for one in (words.held_numbered, words.yours, words.resolve_by, words.delivered)]
    return max(lines, key=len)
