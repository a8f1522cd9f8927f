"""Runs ansible-inventory and ansible many times in one process that has loaded Ansible once.

Each request is a line of JSON: {"program", "args", "cwd", "environment"}; so is each answer:
{"code", "stdout", "stderr"}. Each run is a fork, so that none sees what another one left behind.

The program "resolve" takes a host and names of variables as well, and prints a JSON list: for each
variable Python's repr() of what its template comes to, or null when Ansible cannot evaluate it.
"""
import json
import os
import sys
import tempfile

from ansible.cli import CLI
from ansible.cli.adhoc import AdHocCLI
from ansible.cli.inventory import InventoryCLI
from ansible.errors import AnsibleError
from ansible.executor import task_queue_manager  # noqa: F401  loaded before the fork, not in each
from ansible.parsing.yaml.objects import AnsibleVaultEncryptedUnicode
from ansible.template import Templar
from ansible.vars.hostvars import HostVars

programs = {'ansible': AdHocCLI, 'ansible-inventory': InventoryCLI}


def plain(value):
    """The value in Python's own types: Ansible has subclasses of its own."""
    if isinstance(value, AnsibleVaultEncryptedUnicode):
        return str(value)
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def resolve(args):
    options, names = args[: args.index('--')], args[args.index('--') + 1:]
    cli = InventoryCLI(['ansible-inventory', '--list', *options])
    cli.parse()
    loader, inventory, manager = CLI._play_prereqs()
    HostVars(inventory=inventory, variable_manager=manager, loader=loader)
    variables = manager.get_vars(host=inventory.get_host(names[0]))
    templar = Templar(loader=loader, variables=variables)
    found = []
    for name in names[1:]:
        try:
            found.append(repr(plain(templar.template(variables[name]))))
        except Exception as error:  # jinja2 and the filters raise what they like
            print('%s: %s' % (name, error), file=sys.stderr)
            found.append(None)
    print(json.dumps(found))


def run(request, out, err):
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    os.chdir(request['cwd'])
    os.environ.update(request['environment'])
    code = 1
    try:
        if request['program'] == 'resolve':
            resolve(request['args'])
        else:
            program = programs[request['program']]
            program.cli_executor([request['program'], *request['args']])
        code = 0
    except SystemExit as end:
        code = end.code or 0
    except AnsibleError as error:
        print(error, file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def answer(request):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            run(request, out, err)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode('utf-8', 'backslashreplace'))
        return {'code': code, 'stdout': texts[0], 'stderr': texts[1]}


for line in sys.stdin:
    sys.stdout.write(json.dumps(answer(json.loads(line))) + '\n')
    sys.stdout.flush()
