"""One list over tasks and flow runs, one run whole, and its log."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from src.core.errors import Transient
from src.database import checkpoints
from src.domain.edit import UnknownEntry
from src.domain.fire import OPEN, FireState
from src.domain.run import RunKind, UnknownRun
from src.pipeline.context import Context
from src.pipeline.runs import ClientOf, find_run, list_runs, prefect_client, run_logs, show_run
from src.scheduling.bridge.client import PrefectClient
from tests.conftest import NOW
from tests.integration.runs.conftest import FLOW, TASK, MakeFlowRun, MakeRun, nobody
from tests.ports import free_port
from tests.prefect_made import write_logs

pytestmark = pytest.mark.integration


def test_tasks_and_flow_runs_are_one_list_newest_first(context: Context, make_run: MakeRun) -> None:
    old = make_run(FLOW, FireState.FAILED, 30, reason="nothing came")
    new = make_run(TASK, FireState.STARTED, 10, worker="celery@one/7")
    found = list_runs(context)
    assert [(run.fire, run.kind, run.runs_on) for run in found] == [
        (new.id, RunKind.TASK, "celery"),
        (old.id, RunKind.FLOW, "celery"),
    ]
    assert (found[0].duration_s, found[0].worker, found[0].target) == (600, "celery@one/7", "quality.check")
    assert (found[1].duration_s, found[1].reason) == (None, "nothing came")


def test_the_list_may_be_narrowed(context: Context, make_run: MakeRun) -> None:
    ended = make_run(TASK, FireState.SUCCEEDED, 3).id
    waits = make_run(TASK, FireState.SENT, 2).id
    flow = make_run(FLOW, FireState.PAUSED, 1).id

    def ids(**how: object) -> list[object]:
        return [run.fire for run in list_runs(context, **how)]  # type: ignore[arg-type]

    assert ids(entry=TASK.name) == ids(kind=RunKind.TASK) == [waits, ended]
    assert ids(kind=RunKind.FLOW) == ids(states=[FireState.PAUSED]) == ids(limit=1) == [flow]
    assert ids(states=OPEN) == [flow, waits]


def test_an_unknown_entry_is_named_and_one_without_runs_is_not(context: Context, make_run: MakeRun) -> None:
    assert list_runs(context, entry=FLOW.name) == []
    with pytest.raises(UnknownEntry, match="did you mean nightly"):
        list_runs(context, entry="nightli")


def test_a_run_goes_by_the_beginning_of_its_fire_or_its_flow_run(context: Context, make_run: MakeRun) -> None:
    run_id = "0f8fad5b-d9cb-469f-a165-70867728950e"
    fire = make_run(FLOW, FireState.STARTED, flow_run_id=run_id).id
    for name in (str(fire), str(fire)[:4], fire.hex[:10].upper(), f" {fire.hex} ", run_id, run_id[:12]):
        assert find_run(context, name).fire == fire


@pytest.mark.parametrize("name", ["", "abc", "titan-live", "%%%%", "0" * 33, "\u0660\u0661\u0662\u0663"])
def test_what_is_no_id_is_refused_with_an_example(context: Context, name: str) -> None:
    with pytest.raises(UnknownRun, match="for example 3f2a"):
        find_run(context, name)


def test_an_unknown_id_shows_the_nearest_and_one_of_several_shows_them(
    context: Context, make_run: MakeRun
) -> None:
    runs = [make_run(TASK, FireState.SENT, minutes, flow_run_id=f"abcd{minutes:028}") for minutes in (1, 2)]
    with pytest.raises(UnknownRun, match="give more digits") as told:
        find_run(context, "abcd")
    assert all(str(run.id) in str(told.value) for run in runs)
    digits = runs[0].id.hex
    wrong = digits[:7] + ("0" if digits[7] != "0" else "1")
    with pytest.raises(UnknownRun, match=f"did you mean {runs[0].id} \\(minutely due"):
        find_run(context, wrong)


def test_an_empty_ledger_says_where_to_look(context: Context) -> None:
    with pytest.raises(UnknownRun, match="runs list"):
        find_run(context, "abcd")


def test_a_task_is_shown_without_prefect(context: Context, make_run: MakeRun) -> None:
    fire = make_run(TASK, FireState.STARTED)
    found = show_run(context, nobody, str(fire.id))
    assert (found.run.fire, found.prefect, found.problem, found.progress) == (fire.id, None, None, [])
    assert found.run.parameters == {"day": "today"}


def test_a_flow_run_is_shown_with_prefects_state_and_how_far_it_has_come(
    context: Context, client_of: ClientOf, make_flow_run: MakeFlowRun
) -> None:
    fire, run_id = make_flow_run(FireState.STARTED, "RUNNING")
    with context.database.session() as session:
        checkpoints.begin(session, fire.id, NOW)
        checkpoints.mark(session, fire.id, "days", ["1", "2"], NOW)
        later = NOW + timedelta(minutes=1)
        checkpoints.mark_arrived(session, fire.id, "odds", {"9": checkpoints.Arrival("0", later)})
    found = show_run(context, client_of, str(fire.id))
    assert found.prefect is not None
    assert (found.prefect.id, found.prefect.state_name, found.problem) == (run_id, "Running", None)
    assert [(step.step, step.done, step.arrived) for step in found.progress] == [
        ("days", 2, 2),
        ("odds", 0, 1),
    ]


def test_a_flow_run_is_shown_while_prefect_is_away_or_does_not_have_it(
    context: Context, client_of: ClientOf, make_run: MakeRun
) -> None:
    fire = make_run(FLOW, FireState.SENT)
    away = PrefectClient(f"http://127.0.0.1:{free_port()}/api")
    assert "not answering" in str(show_run(context, lambda: away, str(fire.id)).problem)
    assert show_run(context, client_of, str(fire.id)).problem == "Prefect has no flow run of it"


def test_the_log_of_a_flow_run_is_prefects(
    context: Context, client_of: ClientOf, make_flow_run: MakeFlowRun, prefect_url: str
) -> None:
    fire, run_id = make_flow_run(FireState.STARTED, "RUNNING")
    write_logs(prefect_url, run_id, ["begun", "2 of 3", "ended"])
    found = run_logs(context, client_of, str(fire.id), limit=2, offset=1)
    assert found.source == f"Prefect, flow run {run_id}"
    assert [line.split(maxsplit=3)[2:] for line in found.lines] == [["INFO", "2 of 3"], ["INFO", "ended"]]


def test_a_fire_that_has_no_flow_run_has_no_log(context: Context, make_run: MakeRun) -> None:
    fire = make_run(FLOW, FireState.MISSED)
    assert run_logs(context, nobody, str(fire.id)).lines == []


def test_the_log_of_a_task_is_what_the_stack_wrote_of_its_fire(
    context: Context, make_run: MakeRun, tmp_path: Path
) -> None:
    fire = make_run(TASK, FireState.STARTED)
    here = replace(context, settings=context.settings.model_copy(update={"home": tmp_path}))
    assert "no line" in run_logs(here, nobody, str(fire.id)).source
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "worker.log.1").write_text(f"received {fire.id}\n")
    (tmp_path / "logs" / "worker.log").write_bytes(f"\xff other\nended {fire.id}\n".encode("latin-1"))
    found = run_logs(here, nobody, str(fire.id))
    assert found.lines == [f"received {fire.id}", f"ended {fire.id}"]
    assert "worker.log.1, worker.log" in found.source


def test_one_client_serves_the_process(context: Context) -> None:
    here = replace(
        context, settings=context.settings.model_copy(update={"prefect_api_url": "http://127.0.0.1:1/api"})
    )
    assert prefect_client(here) is prefect_client(here)
    with pytest.raises(Transient):
        prefect_client(here).ping()
