"""Policy files: what is read of them, what is wrong with them and where, and what follows for whom."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from assay.catalog.binder import Binder
from assay.catalog.row_filter import read_row_filter
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.held import as_described
from assay.compiler.prompt import make_prompt
from assay.compiler.question import Asked, AskedFilter, resolve_question
from assay.compiler.statement import compile_question
from assay.gate import Policy
from assay.people.explained import explained, failure_of
from assay.people.policies import Policies
from assay.people.policy_files import read_folder, read_policies
from assay.people.scope import Scope
from assay.work.principal import Principal
from tests.conftest import DEMO
from tests.unit.small import NOW, shop

BOOK = Path(__file__).parents[2] / "docs" / "access.md"


def put(workspace: Workspace, text: str, name: str = "a.yaml") -> None:
    (workspace.root / "access").mkdir(exist_ok=True)
    (workspace.root / "access" / name).write_text(text)


def read(workspace: Workspace, text: str) -> Policies:
    put(workspace, text)
    policies, findings = read_policies(read_folder(workspace.root), workspace)
    assert policies is not None, findings
    return policies


def findings(workspace: Workspace) -> list[str]:
    policies, found = read_policies(read_folder(workspace.root), workspace)
    assert policies is None
    return [str(each) for each in found]


def person(
    *groups: str, email: str | None = None, roles: tuple[str, ...] = ("viewer",), **claims: tuple[str, ...]
) -> Principal:
    return Principal("p", "Jane", "person", frozenset(roles), email, frozenset(groups), claims)


def test_the_examples_of_the_book_hold_on_the_demo(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "workspace")
    workspace = load_workspace(tmp_path / "workspace", {})
    example = re.findall(r"```yaml\n(.*?)```", BOOK.read_text(), re.DOTALL)[0]
    policies = read(workspace, example)
    assert len(policies.cases) == len(yaml.safe_load(example)["tests"]) == 2
    assert [failure_of(policies, each) for each in policies.cases] == [None, None]
    for line in re.findall(r"`(\{for: .*?\})`", BOOK.read_text()):
        read(workspace, f"metrics:\n  - {line}\n")


@pytest.mark.parametrize(("text", "told"), [
    ("metrics:\n  - {for: [wst], metrics: ['*'], rows: all}\n", "a.yaml:2: there is no group 'wst'"),
    ("metrics:\n  - {for: ['*'], metrics: [sals], rows: all}\n",
     "a.yaml:2: there is no metric 'sals' (Did you mean 'sales'?)"),
    ("metrics:\n  - for: ['*']\n    metrics: ['*']\n    rows:\n      sael: all\n",
     "a.yaml:5: no table 'sael' in the dictionary (Did you mean 'sale'?)"),
    ("metrics:\n  - for: ['*']\n    metrics: ['*']\n    rows:\n      sale: regin = 'West'\n",
     "a.yaml:5: sale: shop.sale has no column 'regin'. Did you mean 'region'?"),
    ("metrics:\n  - {for: ['*'], metrics: ['*'], rows: {customer: email = 'a'}}\n", "personal data"),
    ("metrics:\n  - {for: ['*'], metrics: ['*'], rows: {sale: region = $user.r}}\n", "people_of names no attribute 'r'"),
    ("metrics:\n  - {for: ['*'], metrics: ['*'], rows: {sale: 'LOWER(region) = LOWER($user.r)'}}\npeople_of: {r: claim:r}\n",
     "stands behind =, <> or IN alone"),
    ("metrics:\n  - {for: ['*'], metrics: ['*'], rows: {sale: COUNT(*) > 1}}\n", "cannot hold an aggregate"),
    ("metrics:\n  - {for: ['*'], hide: [sale.nte]}\n", "a.yaml:2: shop.sale has no column 'nte' (Did you mean 'note'?)"),
    ("metrics:\n  - {for: ['*'], metrics: ['*']}\n", "metrics and rows go together"),
    ("metrics:\n  - {for: ['*'], rows: all}\n", "metrics and rows go together"),
    ("metrics:\n  - {for: ['role:boss'], metrics: ['*'], rows: all}\n", "there is no group 'role:boss'"),
    ("groups: {west: [nobody]}\n", "a.yaml:1: group west: 'nobody' is no group of a provider, address or role"),
    ("people_of: {r: email}\n", "people_of.r: 'email' is not where an attribute comes from"),
    ("minimum_group: 1\n", "a.yaml:1: minimum_group"),
    ("minimum_group: few\n", "a.yaml:1: minimum_group"),
    ("groups: {west: ['odic:corp/west']}\n", "a.yaml:1: group west: 'odic:corp/west' is no group of a provider"),
    ("groups: {'role:admin': ['*']}\n", "a.yaml:1: the group role:admin is called as a member is"),
    ("metrics:\n  - {for: ['*'], metrics: [slaes*], rows: all}\n", "a.yaml:2: there is no metric 'slaes*'"),
    ("metrics:\n  - {for: ['*'], metrics: [Sales], rows: all}\n", "a.yaml:2: there is no metric 'Sales'"),
    ("metrics:\n  - {for: ['jane@'], hide: [sale.note]}\n", "a.yaml:2: there is no group 'jane@'"),
    ("metrics: [\n", "a.yaml:2"),
    ("metrix: []\n", "metrix is not known here"),
    ("", "has to be a mapping"),
    ("metrics:\n  - {for: ['*'], metrics: ['*'], rows: all}\ntests:\n  - {as: {}, metric: salse, sees: all}\n",
     "a.yaml:4: there is no metric 'salse'"),
])  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_nobody_is_given_anything(tmp_path: Path, text: str, told: str) -> None:
    workspace = shop(tmp_path)
    put(workspace, "metrics:\n  - {for: ['*'], metrics: ['*'], rows: all}\n", "good.yaml")
    put(workspace, text)
    found = findings(workspace)
    assert any(told in each for each in found), found


def test_what_lies_in_the_folder_and_is_no_policy_is_refused_too(tmp_path: Path) -> None:
    workspace = shop(tmp_path)
    put(workspace, "metrics:\n  - {for: ['*'], metrics: ['*'], rows: all}\n")
    put(workspace, "", "b.yaml.txt")
    assert "access/b.yaml.txt: is no file of policies" in findings(workspace)[0]
    (workspace.root / "access" / "b.yaml.txt").rename(workspace.root / "access" / ".b.yaml.swp")
    assert read_policies(read_folder(workspace.root), workspace)[0]
    (workspace.root / "access" / "c.yaml").symlink_to(tmp_path / "nowhere")
    assert "link that leads nowhere" in findings(workspace)[0]


def test_a_folder_that_cannot_be_looked_into_is_not_the_same_as_none(tmp_path: Path) -> None:
    assert read_folder(tmp_path) == ({}, ())
    (tmp_path / "access").write_text("")
    assert read_folder(tmp_path).troubles
    (tmp_path / "access").unlink()
    (tmp_path / "access").symlink_to(tmp_path / "nowhere")
    assert read_folder(tmp_path).troubles


def seen(scope: Scope, workspace: Workspace, metric: str) -> dict[str, tuple[str, ...]]:
    return {
        table.removeprefix("shop."): tuple(each.text for each in rows)
        for table, rows in scope.access(workspace.metrics[metric]).rows.items()
    }


def test_policies_that_name_the_metric_widen_its_rows_and_what_is_hidden_stays_hidden(tmp_path: Path) -> None:
    workspace = shop(tmp_path)
    policies = read(
        workspace,
        """\
groups: {west: [oidc:corp/west], auditors: ["*@audit.example", role:steward]}
metrics:
  - {for: [west], metrics: [revenue, returns], rows: {sale: "region = 'West'", product: all}}
  - {for: [west], metrics: ["re*"], rows: {sale: "is_gift", return: all}}
  - {for: [auditors], metrics: ["*"], rows: all}
  - {for: ["*"], hide: [sale.note]}
""",
    )
    west = policies.scope_of(person("oidc:corp/west"))
    assert seen(west, workspace, "revenue") == {"sale": ("region = 'West'", "is_gift")}
    assert seen(west, workspace, "returns") == {}
    assert seen(west, workspace, "return_rate") == {"sale": ("is_gift",)}
    assert not west.may_ask("sales")
    assert west.hidden == {("shop.sale", "note")}
    auditor = policies.scope_of(person(email="Jo@Audit.Example"))
    assert auditor.may_ask("sales")
    assert seen(auditor, workspace, "sales") == {}
    assert not auditor.is_whole
    for nobody in (
        person(),
        person("corp/west", "west"),
        person(email="jo@audit.example.evil"),
        person(email="a@b@audit.example"),
    ):
        assert not policies.scope_of(nobody).may_ask("revenue"), nobody


def test_a_missing_attribute_gives_no_row_and_its_values_stand_in_no_text(tmp_path: Path) -> None:
    workspace = shop(tmp_path)
    policies = read(
        workspace,
        """\
metrics:
  - {for: ["*"], metrics: ["*"], rows: {sale: "region IN ($user.regions)", visit: "region = $user.number", product: all}}
people_of: {regions: claim:regions, number: claim:number}
""",
    )
    assert seen(policies.scope_of(person()), workspace, "revenue") == {"sale": ()}
    west = policies.scope_of(person(regions=("West", "East")))
    assert seen(west, workspace, "revenue") == {"sale": ("region IN ($user.regions)",)}
    assert west.values == {"regions": ("East", "West")}
    for number, shown in ((("3",), ("region = $user.number",)), (("3", "4"), ()), (("three",), ())):
        assert seen(policies.scope_of(person(number=number)), workspace, "visitors_now") == {"visit": shown}


def test_equal_scopes_are_one_and_others_are_not(tmp_path: Path) -> None:
    workspace = shop(tmp_path)
    text = "metrics:\n  - {for: ['*'], metrics: ['*'], rows: {sale: region IN ($user.r)}}\npeople_of: {r: claim:r}\n"
    policies = read(workspace, text).numbered(1)
    one, other = (policies.scope_of(Principal(name, name, "person", frozenset(), claims={"r": ("West",)})) for name in "ab")
    assert one is other
    assert policies.scope_of(person(r=("East",))) != one
    assert policies.numbered(2).scope_of(person(r=("West",))) != one
    assert not {"a", "b"} & set(str(one.described((workspace.metrics["sales"],))).split("'"))


def test_why_somebody_sees_what_they_see_is_told(tmp_path: Path) -> None:
    workspace = shop(tmp_path)
    policies = read(
        workspace,
        """\
metrics:
  - {for: ["*"], metrics: [sales], rows: {sale: "region IN ($user.r)"}}
people_of: {r: claim:r}
""",
    )
    told = explained(policies, person(), workspace.metrics["sales"])
    assert told.may_ask
    assert "of shop.sale no row" in told.sentence
    assert "nothing is known of r" in told.policies[0][2]
    assert "may not ask revenue" in explained(policies, person(), workspace.metrics["revenue"]).sentence


@pytest.mark.parametrize(
    ("text", "grows"),
    [
        ("region IN ($user.r)", True), ("(region IN ($user.r)) AND amount > 0", True),
        ("region = $user.r OR amount > 9", True),
        ("NOT region IN ($user.r)", False), ("(region IN ($user.r)) = (amount > 0)", False),
        ("(region = $user.r) = FALSE", False), ("region <> $user.r", False),
        ("CASE WHEN region IN ($user.r) THEN amount > 0 ELSE TRUE END", False),
    ],
)  # fmt: skip
def test_a_formula_grows_with_an_attribute_where_more_values_never_lose_a_row(
    tmp_path: Path, text: str, grows: bool
) -> None:
    workspace = shop(tmp_path)
    tables = workspace.dictionary.tables
    assert read_row_filter(text, Binder(workspace.dictionary), tables["shop.sale"]).grows == grows


def test_a_key_is_seen_by_policies_as_whoever_made_it(tmp_path: Path) -> None:
    policies = read(shop(tmp_path), """\
metrics:
  - {for: ["role:viewer"], metrics: [sales], rows: all}
  - {for: ["role:admin"], metrics: [revenue], rows: all}
""")  # fmt: skip
    admins = Principal("key-1", "key", "key", frozenset({"viewer"}), seen_as=frozenset({"admin"}))
    sees = policies.scope_of(admins)
    assert (sees.may_ask("sales"), sees.may_ask("revenue")) == (False, True)


@pytest.mark.parametrize(("text", "told"), [
    ("groups: {west: [oidc:corp/west, 'proxy:edge/west', '*@corp.example', jo@elsewhere.example, people:west]}\n", None),
    ("groups: {west: ['*@*.example']}\n", None),
    ("groups: {west: [oidc:crop/west]}\n",
     "a.yaml:1: group west: 'oidc:crop/west' is of a provider that the identity file does not name: oidc:crop"),
    ("metrics:\n  - {for: [proxy:corp/west], hide: [sale.note]}\n",
     "a.yaml:2: 'proxy:corp/west' is of a provider that the identity file does not name: proxy:corp"),
    ("metrics:\n  - {for: ['*@crop.example'], hide: [sale.note]}\n",
     "a.yaml:2: '*@crop.example' is of a domain that no provider is listed for: crop.example"),
])  # fmt: skip
def test_whoever_cannot_come_by_any_provider_is_not_there(tmp_path: Path, text: str, told: str | None) -> None:
    workspace = shop(tmp_path)
    put(workspace, text)
    providers = {"oidc:corp": ("Corp.example",), "proxy:edge": ()}
    policies, found = read_policies(read_folder(workspace.root), workspace, providers)
    assert [told in str(each) for each in found] == [True] if told else policies is not None, found


def test_a_minimum_is_the_scope_of_everybody_and_stands_once(tmp_path: Path) -> None:
    workspace = shop(tmp_path)
    every = "metrics:\n  - {for: ['*'], metrics: ['*'], rows: all}\n"
    whole, few = read(workspace, every).scope_of(person()), read(workspace, f"{every}minimum_group: 5\n").scope_of(person())
    assert (whole.is_whole, few.is_whole, few.minimum) == (True, False, 5)
    assert whole != few != replace(few, minimum=6)
    put(workspace, "minimum_group: 5\n", "b.yaml")
    assert "access/b.yaml:1: minimum_group stands twice" in findings(workspace)[0]


def test_a_model_is_told_what_each_placeholder_means_whoever_asks(tmp_path: Path) -> None:
    """A statement may hold values of whoever asks, and ends by which an index serves a filter on a bare numeric."""
    workspace = shop(tmp_path)
    policies = read(workspace, """\
metrics: [{for: ["*"], metrics: ["*"], rows: {sale: "region IN ($user.r)", product: all, customer: all, segment: all}}]
people_of: {r: claim:r}
""")  # fmt: skip
    dear = AskedFilter(dimension="price", op="eq", values=("9.50",))
    scope, judged = policies.scope_of(person(r=("East", "West"))), Policy.from_dictionary(workspace.dictionary)
    question = resolve_question(("sales",), Asked(filters=(dear,)), workspace, NOW, scope)
    held = as_described({"shop.product": {"price": "numeric"}}, "postgres")
    prompt = make_prompt(question, compile_question(question, "postgres", judged, held), workspace, judged)
    assert "(string): value 2 of what is known of whoever asks as r" in prompt
    assert "(decimal): lower than all that" in prompt
    assert "(decimal): higher than all that" in prompt
    assert "East" not in prompt
