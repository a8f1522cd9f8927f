"""Real minions, forked of one process that has imported Salt, each with a root folder of its own:
minions.py FOLDER MASTER PUBLISH_PORT RETURN_PORT ID..."""
import os
import sys

import salt.config
import salt.loader
import salt.minion

folder, master, publish_port, return_port, *ids = sys.argv[1:]


def configuration(name):
    root = f'{folder}/{name}'
    settings = {
        'id': name,
        'root_dir': root,
        'master': master,
        'publish_port': publish_port,
        'master_port': return_port,
        'pki_dir': f'{root}/pki',
        'cachedir': f'{root}/cache',
        'sock_dir': f'{root}/sock',
        'log_file': f'{root}/log',
        'user': 'root',
        'keysize': 2048,
        'enable_gpu_grains': False,
        'enable_fqdns_grains': False,
        'mine_enabled': False,
        # Each job is a thread: a process of each would cost a second here.
        'multiprocessing': False,
        # The grains of one are those of all: to find them costs more than all else.
        'grains_cache': True,
        'grains_cache_expiration': 86400,
        'acceptance_wait_time': 1,
        'recon_default': 200,
        'recon_max': 1000,
        'auth_timeout': 5,
        'auth_tries': 100,
        'return_retry_tries': 1,
    }
    for each in ('pki', 'cache', 'sock'):
        os.makedirs(f'{root}/{each}', exist_ok=True)
    with open(f'{root}/minion', 'w', encoding='utf8') as file:
        file.writelines(f'{key}: {value}\n' for key, value in settings.items())
    return salt.config.minion_config(f'{root}/minion')


def main():
    first = configuration(ids[0])
    salt.loader.grains(first)
    with open(f'{first["cachedir"]}/grains.cache.p', 'rb') as file:
        grains = file.read()
    children = []
    for name in ids:
        child = os.fork()
        if child:
            children.append(child)
            continue
        opts = configuration(name)
        with open(f'{opts["cachedir"]}/grains.cache.p', 'wb') as file:
            file.write(grains)
        out = os.open(f'{folder}/{name}/out', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.environ['TIMEBALL_ROOT'] = f'{folder}/{name}'
        salt.minion.MinionManager(opts).tune_in()
        os._exit(0)
    print('pids', *children, flush=True)
    for child in children:
        os.waitpid(child, 0)


main()
