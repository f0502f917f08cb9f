"""Judges what is in deploy/ by schemas that others made and by what the program knows. Needs no server and no build.

    deploy_judge.py     prints what is wrong, a line each, `file: what`; exits 1 if anything is
"""

import json
import re
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES_VERSIONS = ("1.30", "1.37")
faults = []


def fault(file, what):
    faults.append(f"{Path(file).relative_to(ROOT)}: {what}")


def known_settings():
    """The variables that the program reads: those of the README's table and of .env.example."""
    names = set()
    for line in (ROOT / "README.md").read_text().splitlines():
        if line.startswith("| `"):
            names.update(re.findall(r"`([A-Z][A-Z0-9_]+)`", line.split("|")[1]))
    names.update(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M))
    return names


def known_commands():
    sources = (ROOT / "Sources/posthaste/Commands").rglob("*.swift")
    return {name for file in sources for name in re.findall(r'commandName: "([a-z-]+)"', file.read_text())}


SETTINGS = known_settings()
COMMANDS = known_commands()


def check_settings(file, names):
    for name in sorted(set(names) - SETTINGS):
        fault(file, f"{name} is no setting of the program (README.md, .env.example)")


def check_command(file, words):
    """What follows the program's name in a command line."""
    if words and not words[0].startswith("-") and words[0] not in COMMANDS:
        fault(file, f"posthaste {words[0]}: there is no such command")


def seconds(text):
    return sum(int(n) * {"s": 1, "m": 60, "h": 3600}[unit] for n, unit in re.findall(r"(\d+)([smh])", str(text)))


def image_is_pinned(image):
    tag = image.rpartition("/")[2].partition(":")[2]
    return bool(tag) and not tag.startswith("latest")


def read_all():
    """Every file that has a syntax has it; gives the documents of each file of YAML."""
    documents = {}
    for file in sorted(DEPLOY.rglob("*")):
        try:
            if file.suffix in (".yaml", ".yml"):
                documents[file] = list(yaml.safe_load_all(file.read_text()))
            elif file.suffix == ".json":
                json.loads(file.read_text())
        except (yaml.YAMLError, json.JSONDecodeError) as error:
            fault(file, error)
    return documents


# Docker


def instructions(text):
    """(INSTRUCTION, rest) of each logical line of a Dockerfile."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.M)
    for line in re.sub(r"\\\n", " ", text).splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name.upper(), rest.strip()


def check_dockerfile(file):
    stages, last = [], []
    for name, rest in instructions(file.read_text()):
        if name == "FROM":
            last = []
            words = rest.split()
            if words[0] not in stages and not image_is_pinned(words[0]):
                fault(file, f"FROM {words[0]}: without a tag it is another image tomorrow")
            stages.append(words[-1])
        elif name in ("ENTRYPOINT", "CMD") or name == "HEALTHCHECK" and rest != "NONE":
            command = rest[rest.index("[") :] if "[" in rest else rest
            try:
                json.loads(command)
            except json.JSONDecodeError:
                fault(file, f"{name} {rest}: not in exec form, so a shell gets the signals")
        elif name == "ADD":
            fault(file, "ADD: COPY does less")
        elif name == "RUN" and "apt-get install" in rest and "--no-install-recommends" not in rest:
            fault(file, "apt-get install without --no-install-recommends")
        last.append((name, rest))
    given = dict(last)
    for name in ("USER", "ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "LABEL"):
        if name not in given:
            fault(file, f"the last stage has no {name}")
    if not re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", given.get("USER", "1")):
        fault(file, f"USER {given['USER']}: a number that is not root's is wanted")
    check_settings(file, set(re.findall(r"\b([A-Z_]+)=", given.get("ENV", ""))))
    for command in re.findall(r"posthaste ([a-z]+)", given.get("HEALTHCHECK", "")):
        check_command(file, [command])
    if (ROOT / ".dockerignore").read_text().replace("\r", "").splitlines()[1:2] != ["*"]:
        fault(ROOT / ".dockerignore", "it must begin with *: what is not named stays out, .env above all")


def check_compose(file, compose):
    schema = json.loads((files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text())
    for error in jsonschema.validators.validator_for(schema)(schema).iter_errors(compose):
        fault(file, f"{'/'.join(map(str, error.path))}: {error.message}")
    wanted = {name for name in re.findall(r"(?<!\$)\$\{([A-Z_]+)", file.read_text())}
    wanted |= {secret["environment"] for secret in compose.get("secrets", {}).values()}
    example = (DEPLOY / ".env.example").read_text()
    offered = set(re.findall(r"^#?([A-Z_]+)=", example, re.M))
    for name in sorted(wanted - offered - {"POSTHASTE_TAG"}):
        fault(file, f"{name} is not in .env.example")
    for name, default in re.findall(r"\$\{([A-Z_]*(?:PASSWORD|SECRET|KEY))(:?-[^}]*)\}", file.read_text()):
        fault(file, f"{name} has a default ({default}), which would reach production")
    check_settings(DEPLOY / ".env.example", offered - wanted)
    for name, service in compose["services"].items():
        check_service(file, name, service, compose)


def check_service(file, name, service, compose):
    is_ours = service["image"].startswith("posthaste:")
    if not is_ours and not image_is_pinned(service["image"]):
        fault(file, f"{name}: {service['image']} has no tag")
    if name in ("app", "worker") and (service.get("ports") or service.get("container_name")):
        fault(file, f"{name}: a port of the machine, or a name, is there but once: --scale fails")
    for other in service.get("depends_on", []):
        if other not in compose["services"]:
            fault(file, f"{name}: depends on {other}, which is not there")
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith(".") and not (file.parent / source).exists():
            fault(file, f"{name}: {source} is not there")
        if not source.startswith(".") and source not in compose["volumes"]:
            fault(file, f"{name}: the volume {source} is not declared")
    if is_ours:
        check_settings(file, service["environment"])
        check_command(file, service["command"])
        check = service.get("healthcheck", {}).get("test", [])
        check_command(file, check[2:])
        if seconds(service["stop_grace_period"]) <= int(service["environment"]["DRAIN_SECONDS"]) + 10:
            fault(file, f"{name}: stop_grace_period must be ten seconds more than DRAIN_SECONDS")


# Kubernetes

KEDA_TRIGGER = {
    "address", "addressFromEnv", "host", "hostFromEnv", "port", "portFromEnv", "usernameFromEnv", "passwordFromEnv",
    "stream", "consumerGroup", "pendingEntriesCount", "streamLength", "lagCount", "activationLagCount", "databaseIndex",
    "enableTLS", "unsafeSsl",
}  # fmt: skip
CUSTOM = {
    "ScaledObject": {
        "scaleTargetRef", "pollingInterval", "cooldownPeriod", "initialCooldownPeriod", "idleReplicaCount",
        "minReplicaCount", "maxReplicaCount", "fallback", "advanced", "triggers",
    },
    "PodMonitor": {"selector", "podMetricsEndpoints", "namespaceSelector", "jobLabel", "podTargetLabels"},
}  # fmt: skip


def check_kubernetes(documents):
    resources = [(file, document) for file, all in documents.items() for document in all if document]
    pods = {}
    for file, document in resources:
        kind = document["kind"]
        if kind in ("Deployment", "Job"):
            pod = document["spec"]["template"]
            pods[pod["metadata"]["labels"]["app.kubernetes.io/name"]] = pod["spec"]
    ports = {port["name"] for pod in pods.values() for c in pod["containers"] for port in c.get("ports", [])}
    drain = next(int(d["data"]["DRAIN_SECONDS"]) for _, d in resources if d["kind"] == "ConfigMap")
    for file, document in resources:
        kind = document["kind"]
        if kind == "Kustomization":
            for resource in document["resources"]:
                if not (file.parent / resource).exists():
                    fault(file, f"{resource} is not there")
            continue
        if kind in CUSTOM:
            for key in sorted(set(document["spec"]) - CUSTOM[kind]):
                fault(file, f"{kind}: {key} is not known")
        else:
            for version in KUBERNETES_VERSIONS:
                try:
                    kubernetes_validate.validate(document, version, strict=True)
                except kubernetes_validate.ValidationError as error:
                    fault(file, f"{kind} in Kubernetes {version}: {error.message}")
        if kind in ("ConfigMap", "Secret"):
            check_settings(file, {**document.get("data", {}), **document.get("stringData", {})})
        if kind in ("Deployment", "Job"):
            check_pod(file, document["metadata"]["name"], document["spec"]["template"]["spec"], drain)
        if kind == "ScaledObject":
            check_triggers(file, document["spec"]["triggers"])
        text = json.dumps(document)
        for name in re.findall(r'"app.kubernetes.io/name": "([a-z-]+)"', text):
            if name not in pods:
                fault(file, f"{kind} {document['metadata']['name']}: no pod is called {name}")
        for port in re.findall(r'"(?:port|targetPort)": "([a-z]+)"', text):
            if port not in ports:
                fault(file, f"{kind} {document['metadata']['name']}: no pod has a port {port}")


def check_triggers(file, triggers):
    for trigger in triggers:
        metadata = trigger["metadata"]
        for key in sorted(set(metadata) - KEDA_TRIGGER):
            fault(file, f"redis-streams: {key} is not known")
        check_settings(file, [value for key, value in metadata.items() if key.endswith("FromEnv")])
        if not re.fullmatch(r"message_queue:(sms|mms|email|webhook)(:high|:low)?|webhook_queue", metadata["stream"]):
            fault(file, f"{metadata['stream']} is no stream of a queue")


def check_pod(file, name, pod, drain):
    container = pod["containers"][0]
    context = container["securityContext"]
    isolated = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    if {key: context.get(key) for key in isolated} != isolated or not pod["securityContext"].get("runAsNonRoot"):
        fault(file, f"{name}: it may do more than it needs")
    check_command(file, container["args"])
    check_settings(file, [variable["name"] for variable in container.get("env", [])])
    if "restartPolicy" in pod:
        return
    sleep = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])[1]
    if pod["terminationGracePeriodSeconds"] <= drain + int(sleep) + 10:
        fault(file, f"{name}: terminationGracePeriodSeconds must be ten seconds more than DRAIN_SECONDS and preStop")
    for probe in ("livenessProbe", "readinessProbe"):
        if probe not in container:
            fault(file, f"{name}: no {probe}")


# systemd, and the guides


def check_units():
    for file in sorted((DEPLOY / "systemd").rglob("*.service")):
        unit = file.read_text()
        check_settings(file, re.findall(r"^Environment=([A-Z_]+)=", unit, re.M))
        check_command(file, re.search(r"^ExecStart=\S+ (.*)$", unit, re.M)[1].split())
        stop = re.search(r"^TimeoutStopSec=(\S+)", unit, re.M)
        if "Type=exec" in unit and (not stop or seconds(stop[1]) <= 35):
            fault(file, "TimeoutStopSec must be ten seconds more than DRAIN_SECONDS (25)")


def check_guides():
    for file in sorted(DEPLOY.rglob("*.md")):
        for command in re.findall(r"(?<!-n )(?<![\w-])posthaste ([a-z]+)", file.read_text(), re.M):
            check_command(file, [command])
        for target in re.findall(r"\]\(([^)#]+)", file.read_text()):
            if "://" not in target and not (file.parent / target).exists():
                fault(file, f"{target} is not there")


documents = read_all()
check_dockerfile(DEPLOY / "Dockerfile")
compose = DEPLOY / "compose.yaml"
check_compose(compose, documents[compose][0])
check_kubernetes({file: all for file, all in documents.items() if file.parent.name == "kubernetes"})
check_units()
check_guides()
print(*faults, sep="\n")
sys.exit(1 if faults else 0)
