"""Queries of log stores, through pySigma's back ends: Splunk, Elastic, Microsoft, SQLite (the extra `siem`)."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sigma.collection import SigmaCollection
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from nachsorge.exports.packs.naming import file_name, heading, plain
from nachsorge.exports.packs.seams import File, Loss, Says, Unavailable, Written
from nachsorge.exports.packs.sigma import sigma_losses
from nachsorge.exports.packs.sigma_made import made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nachsorge.exports.packs.seams import Selection

_INSTALL = "install it: pip install 'nachsorge[siem]'"
_REFUSALS = (SigmaError, NotImplementedError, ValueError, TypeError, AttributeError)
"""What back ends raise over a rule that they cannot say; the rule is then named as lost."""
_OWN_REFUSALS = {"sigma.backends.kusto": "sigma.pipelines.kusto_common.errors:InvalidHashAlgorithmError"}
"""Back ends that raise an error of their own as well."""
_OWN_FIELDS = "its field names are Sigma's own: no mapping of this back end knows its log source"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiemExporter:
    """One query language: its back end, the pipelines that know its field names, and how it writes a comment.

    `windows_only` says that the pipelines know Windows' log sources and pass over all others without a word.
    """

    name: str
    backend: str
    pipelines: tuple[str, ...]
    mark: str
    ending: str
    says: Says
    windows_only: bool = False
    blocks: bool = False

    def write(self, selection: Selection) -> Written:
        """Write one query a rule, with its title, id and author above; raises `Unavailable` without the extra."""
        make = _attribute(self.backend)
        mappings = [_attribute(path) for path in self.pipelines]
        refusals = (*_REFUSALS, *_refusals(self.backend))
        out = [f"{self.mark} {text}" for text in heading(selection.pack, selection.release.label, f"{self.name} queries")]
        lost = list(sigma_losses(selection))
        for id, title, author, text in _rules(selection):
            queries, why = _converted(text, make, mappings, refusals, windows_only=self.windows_only)
            if why:
                lost.append(Loss(f"sigma rule {id} ({plain(title)})", why))
            for query in queries:
                out += ["", f"{self.mark} {plain(title)} | {id} | author: {plain(author)}", query]
        content = "\n".join([*out, ""]).encode()
        return Written((File(file_name(selection.pack, self.ending), content),), tuple(lost))


def _rules(selection: Selection) -> Iterator[tuple[str, str, str, str]]:
    for rule in selection.rules:
        if rule.engine == "sigma":
            yield rule.id, rule.title, rule.author, rule.text
    for each in made(selection):
        yield each.id, each.title, f"nachsorge, from the pack {selection.pack.id}", each.text


def _refusals(backend: str) -> tuple[type[Exception], ...]:
    path = _OWN_REFUSALS.get(backend.partition(":")[0], "")
    if not path:
        return ()
    module, _, name = path.partition(":")
    try:
        found: type[Exception] = getattr(import_module(module), name)
    except (ImportError, AttributeError):  # another version of the back end has other errors
        return ()
    return (found,)


def _converted(
    text: str,
    make: Callable[..., Any],
    mappings: list[Callable[[], Any]],
    refusals: tuple[type[Exception], ...],
    *,
    windows_only: bool,
) -> tuple[list[str], str]:
    """Convert with the first mapping that knows the rule's log source, else with Sigma's own field names."""
    why = ""
    rules = SigmaCollection.from_yaml(text)
    products = {rule.logsource.product for rule in rules if isinstance(rule, SigmaRule)}
    known = not windows_only or "windows" in products
    for mapping in [*(mappings if known else ()), None]:
        backend = make(processing_pipeline=mapping()) if mapping else make()
        try:
            queries = backend.convert(SigmaCollection.from_yaml(text))
        except refusals as error:
            why = why or f"the back end refuses it: {plain(str(error))[:160]}"
        else:
            return [str(query) for query in queries], _OWN_FIELDS if mappings and mapping is None else ""
    return [], why


def _attribute(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    try:
        found: Callable[..., Any] = getattr(import_module(module), name)
    except ImportError as error:
        raise Unavailable(f"the pySigma back end {module} is not installed; {_INSTALL}") from error
    return found


def _says(language: str, checked: str) -> Says:
    return Says(
        expresses=f"what `--to sigma` expresses, as {language}, one query a rule",
        drops="what `--to sigma` drops, and rules that the back end refuses or has no field names for (each named)",
        checked=checked,
    )


_PARSED = "conversion by the back end only (the product cannot be installed here)"
SPLUNK = SiemExporter(
    name="splunk",
    backend="sigma.backends.splunk:SplunkBackend",
    pipelines=("sigma.pipelines.splunk:splunk_windows_pipeline",),
    mark="#",
    ending=".spl",
    says=_says("Splunk SPL", _PARSED),
    windows_only=True,
)
ESQL = SiemExporter(
    name="esql",
    backend="sigma.backends.elasticsearch:ESQLBackend",
    pipelines=("sigma.pipelines.elasticsearch:ecs_windows",),
    mark="//",
    ending=".esql",
    says=_says("Elastic ES\\|QL", _PARSED),
    windows_only=True,
)
LUCENE = SiemExporter(
    name="lucene",
    backend="sigma.backends.elasticsearch:LuceneBackend",
    pipelines=("sigma.pipelines.elasticsearch:ecs_windows",),
    mark="#",
    ending=".lucene",
    says=_says("Elastic Lucene", _PARSED),
    windows_only=True,
)
KQL = SiemExporter(
    name="kql",
    backend="sigma.backends.kusto:KustoBackend",
    pipelines=("sigma.pipelines.microsoftxdr:microsoft_xdr_pipeline",),
    mark="//",
    ending=".kql",
    says=_says("Microsoft KQL (Defender XDR tables)", _PARSED),
)
SQL = SiemExporter(
    name="sqlite",
    backend="sigma.backends.sqlite:sqliteBackend",
    pipelines=(),
    mark="--",
    ending=".sql",
    says=_says("SQL over a table `logs` with Sigma's field names as columns", "run by SQLite over planted rows"),
)
