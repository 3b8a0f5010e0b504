"""The manifests for Kubernetes: what holds for docker-compose.yml holds for them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import yaml
from redis.exceptions import NoPermissionError, ResponseError

from config.catalogue import ALL_SETTINGS
from config.pools import POOLS
from config.settings import is_secret
from config.workers import WorkerSettings
from queues.names import PRIORITY_STEP, Queue, queue_key
from queues.redis_connection import connect
from tests.access.guarded_redis import ADMIN, GuardedRedis
from tests.fleet import ROOT
from tests.production.fleet_commands import misunderstood
from tests.production.test_compose import MAIN_PROCESS_MIB, ROOM_TO_GIVE_BACK
from workers.pools import BY_NAME

FOLDER = ROOT / "ops" / "kubernetes"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
KNOWN = {v: is_secret(field.annotation) for kind in ALL_SETTINGS for v, _, field in kind.fields()}


def objects(*kinds: str) -> dict[str, dict[str, Any]]:
    """Name -> manifest, of these kinds."""
    files = [yaml.safe_load(file.read_text()) for file in sorted(FOLDER.glob("*.yml"))]
    items = [item for file in files for item in file.get("items", [file])]
    named = [(item["metadata"].get("name", "migrate"), item) for item in items]
    return {name: item for name, item in named if item["kind"] in kinds}


PODS = {name: each["spec"]["template"] for name, each in objects("Deployment", "Job").items()}
CONTAINERS = {name: each["spec"]["containers"][0] for name, each in PODS.items()}
DEPLOYMENTS = objects("Deployment")


def mebibytes(text: str) -> int:
    """Read `4Gi`."""
    return int(text[:-2]) * {"Mi": 1, "Gi": 1024}[text[-2:]]


def variables(name: str) -> dict[str, str]:
    """What a container's environment says."""
    return {each["name"]: each["value"] for each in CONTAINERS[name]["env"]}


def test_there_is_a_deployment_for_each_process() -> None:
    """Every pool, and what a fleet needs once; each image is one that compose builds."""
    assert DEPLOYMENTS.keys() == {*BY_NAME, "beat", "gateway"}
    for name, container in CONTAINERS.items():
        assert container["image"] == COMPOSE[name]["image"].replace("${VERSION:-0.1.0}", "0.1.0")


@pytest.mark.parametrize("name", PODS)
def test_a_pod_may_do_little(name: str) -> None:
    """An ordinary user, a read-only image, no capability, no token, bounds on all."""
    spec, container = PODS[name]["spec"], CONTAINERS[name]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= container["resources"]["limits"].keys()
    assert len(spec["containers"]) == 1


@pytest.mark.parametrize("name", PODS)
def test_no_service_can_set_a_setting(name: str) -> None:
    """Kubernetes does not make RISKFLEET_... variables out of Services, which config/ refuses."""
    assert PODS[name]["spec"]["enableServiceLinks"] is False


@pytest.mark.parametrize("name", PODS)
def test_a_pod_has_time_to_end(name: str) -> None:
    """The kubelet waits longer than a worker waits for its jobs."""
    soft = timedelta(seconds=WorkerSettings().soft_shutdown_seconds)
    grace = timedelta(seconds=PODS[name]["spec"]["terminationGracePeriodSeconds"])

    assert grace >= soft + ROOM_TO_GIVE_BACK
    if "RISKFLEET_SOFT_SHUTDOWN_SECONDS" in variables(name):
        seconds = float(variables(name)["RISKFLEET_SOFT_SHUTDOWN_SECONDS"])
        assert timedelta(seconds=seconds) == soft


@pytest.mark.parametrize("name", CONTAINERS)
def test_what_it_runs_exists(name: str) -> None:
    """The command is the one of compose, and understood."""
    assert CONTAINERS[name]["args"] == COMPOSE[name]["command"]
    assert misunderstood(CONTAINERS[name]["args"]) is None


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_it_is_asked_how_it_is(name: str) -> None:
    """What may restart a pod asks about the pod; what sends it work asks about its stores too."""
    container = CONTAINERS[name]
    probes = {kind: container[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness")}
    if name == "gateway":
        paths = {kind: probe["httpGet"]["path"] for kind, probe in probes.items()}
        expected = {"startup": "/health", "liveness": "/health", "readiness": "/health/ready"}
        assert paths == expected
        return
    asked = {kind: probe["exec"]["command"] for kind, probe in probes.items()}

    assert asked["startup"] == asked["liveness"] == ["fleet", "health", name, "--itself"]
    assert asked["readiness"] == ["fleet", "health", name]
    for words in asked.values():
        assert misunderstood(words) is None


@pytest.mark.parametrize("name", CONTAINERS)
def test_variables_are_settings(name: str) -> None:
    """Each is known to config/, secrets are files below the mounted secret."""
    [mount] = [each for each in CONTAINERS[name]["volumeMounts"] if each["name"] == "secrets"]
    for variable, value in variables(name).items():
        setting = variable.removesuffix("_FILE")
        assert KNOWN[setting] == variable.endswith("_FILE"), variable
        if variable.endswith("_FILE"):
            assert value.startswith(mount["mountPath"])


@pytest.mark.parametrize("name", POOLS)
def test_a_pool_is_sized_as_in_compose(name: str) -> None:
    """The same concurrency and memory, in a pod with room for them."""
    prefix = f"RISKFLEET_{name.upper()}_"
    sizes = {v: str(t) for v, t in COMPOSE[name]["environment"].items() if v.startswith(prefix)}
    memory = mebibytes(CONTAINERS[name]["resources"]["limits"]["memory"])
    needed = int(sizes[f"{prefix}MEMORY_MIB"])
    if BY_NAME[name].celery_pool == "prefork":
        needed = int(needed * 1.5 * int(sizes[f"{prefix}CONCURRENCY"]))

    assert sizes.items() <= variables(name).items()
    assert memory >= needed + MAIN_PROCESS_MIB


@pytest.mark.parametrize("name", POOLS)
def test_a_pool_grows_with_its_queue(name: str) -> None:
    """KEDA looks at the lists that clients send to, all three, and scales the pool's workers."""
    scaled = objects("ScaledObject")[name]["spec"]
    lists = {trigger["metadata"]["listName"] for trigger in scaled["triggers"]}

    assert lists == {queue_key(Queue(name), step) for step in PRIORITY_STEP.values()}
    assert scaled["scaleTargetRef"]["name"] in DEPLOYMENTS
    assert scaled["minReplicaCount"] < scaled["maxReplicaCount"]
    references = {trigger["authenticationRef"]["name"] for trigger in scaled["triggers"]}
    assert references == objects("TriggerAuthentication").keys()


def test_ports_agree() -> None:
    """The metrics' port is open to Prometheus, the gateway's to backends, and nothing else."""
    policies = objects("NetworkPolicy")
    open_to = {
        port["port"]
        for policy in policies.values()
        for rule in policy["spec"].get("ingress", [])
        for port in rule["ports"]
    }
    ports = {v: int(variables("gateway")[f"RISKFLEET_{v}_PORT"]) for v in ("METRICS", "GATEWAY")}

    assert open_to == set(ports.values())
    for name in DEPLOYMENTS.keys() - {"beat"}:
        assert {each["containerPort"] for each in CONTAINERS[name]["ports"]} <= open_to
    assert all("ports" in rule for p in policies.values() for rule in p["spec"].get("ingress", []))


def test_nothing_secret_is_written_down() -> None:
    """No manifest holds a password or a URL that carries one."""
    for file in FOLDER.iterdir():
        text = file.read_text()
        assert re.findall(r"://[^/\s]*:[^/\s]*@", text) == []
        assert "kind: Secret\n" not in text


def test_the_scaler_sees_lengths_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """KEDA asks with a script; its user may run one, on the queues, and it can only count."""
    rules = (FOLDER / "scaler.acl").read_text().split()[2:]
    count = (
        "local kind = redis.call('type', KEYS[1]).ok; return {kind, redis.call('llen', KEYS[1])}"
    )
    with GuardedRedis(tmp_path_factory.mktemp("scaler")) as server:
        admin = connect(server.url_of(ADMIN))
        admin.execute_command("ACL", "SETUSER", "riskfleet_scaler", *rules, ">a password")
        admin.lpush("cpu\x06\x163", "{}")
        url = server.url_of(ADMIN).replace(f"{ADMIN}:{ADMIN}@", "riskfleet_scaler:a%20password@")
        scaler = connect(url)

        for queue in Queue:
            for step in PRIORITY_STEP.values():
                assert len(scaler.eval(count, 1, queue_key(queue, step))) == 2
        assert scaler.eval(count, 1, "cpu\x06\x163") == ["list", 1]
        for refused in ("return redis.call('lpop', KEYS[1])", "return redis.call('get', 'x')"):
            with pytest.raises(ResponseError, match="can't run this command"):
                scaler.eval(refused, 1, "cpu")
        with pytest.raises(NoPermissionError):
            scaler.lrange("cpu", 0, -1)
        with pytest.raises(NoPermissionError):
            scaler.hgetall("unacked")
