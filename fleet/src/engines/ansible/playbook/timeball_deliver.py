"""An action of Ansible, run on the controller: takes the bundle of a host from Timeball's socket and runs
the remote command with it on standard input, by the connection and the become plugin of the site."""
import json
import os
import socket

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.release import __version__

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def dial(head):
    there = socket.socket(socket.AF_UNIX)
    there.connect(os.environ['TIMEBALL_SOCKET'])
    there.sendall(json.dumps(head).encode() + b'\n')
    return there


def tell(rest=b'', **head):
    there = dial(head)
    try:
        there.sendall(rest)
        there.shutdown(socket.SHUT_WR)
        while there.recv(4096):
            pass
    except OSError:
        # Timeball has heard enough.
        pass


class ActionModule(ActionBase):
    TRANSFERS_FILES = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        device = task_vars['inventory_hostname']
        while order := self.next_order(device):
            self.carry_out(*order)
        return {**result, 'changed': False}

    def next_order(self, device):
        there = dial({'kind': 'next', 'device': device, 'ansible': __version__})
        there.shutdown(socket.SHUT_WR)
        with there.makefile('rb') as answer:
            order = json.loads(answer.readline() or b'null')
            bundle = answer.read()
        # What did not arrive whole is not sent.
        mark = (order or {}).get('mark', '').encode()
        return (order, bundle[: -len(mark)]) if mark and bundle.endswith(mark) else None

    def carry_out(self, order, bundle):
        job = order['job']
        is_ssh = self.watch(job, order['connection'])
        try:
            ended = self._low_level_execute_command(order['command'], in_data=bundle, encoding_errors='surrogateescape')
        except AnsibleError as error:
            tell(kind='refused', job=job, why=str(error)[:65536])
            return
        if not is_ssh:
            tell(kind='output', job=job, rest=ended['stdout'].encode(errors='surrogateescape'))
            tell(kind='end', job=job, code=ended['rc'], stderr=ended['stderr'][:65536], log='')

    def watch(self, job, connection):
        """Of ssh the output is read while it comes, by a program in its place; whether it is ssh."""
        link = self._connection
        if link.transport != 'ssh':
            if connection == 'fresh':
                link.reset()
            return False
        if 'TIMEBALL_SSH' not in os.environ:
            os.environ['TIMEBALL_SSH'] = link.get_option('ssh_executable')
            link.set_option('ssh_executable', os.path.join(HERE, 'ssh'))
            # A lost answer is asked for by Timeball, which knows what may be repeated.
            link.set_option('reconnection_retries', 0)
        os.environ['TIMEBALL_JOB'] = job
        os.environ['TIMEBALL_CONNECTION'] = connection
        return True
