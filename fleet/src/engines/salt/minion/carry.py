"""Run by a Salt minion, as root: carries one bundle at a time to the program that takes it, and what that
says back to Timeball. What passes the master is sealed with a key of this minion and Timeball alone, since
Salt sends each job to many, and keeps it. `asked` is what came on standard input; one line of JSON goes out."""
import base64
import json
import os
import re
import select
import shutil
import subprocess
import sys
import time
import zlib

ROOT = os.environ.get('TIMEBALL_ROOT', '') + '/run/timeball/salt'
# A reply is this large at most: Salt's events are cut above 1 MiB, with what was asked in them.
MOST_BYTES = 192 * 1024
# Of what waits to be fetched; then the device's program waits.
MOST_PARTS = 32
# Nobody has fetched anything for that long: nobody will.
FORGOTTEN_SECONDS = 900
# How long a part is filled, and how long a reply waits for more than its first part.
FILL_SECONDS = 0.1
LINGER_SECONDS = 0.4


class Refused(Exception):
    pass


def within(*words):
    for word in words:
        if not re.fullmatch('[0-9a-f]{32}', word):
            raise Refused('no name')
    return os.path.join(ROOT, *words)


def unseal(text, session, about):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    with open(within(session) + '/key', 'rb') as file:
        box = AESGCM(file.read())
    data = base64.b64decode(text)
    return json.loads(box.decrypt(data[:12], data[12:], about.encode()))


def seal(value, session, about):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    with open(within(session) + '/key', 'rb') as file:
        box = AESGCM(file.read())
    nonce = os.urandom(12)
    return base64.b64encode(nonce + box.encrypt(nonce, json.dumps(value).encode(), about.encode())).decode()


def write(path, data):
    with open(path + '.new', 'wb') as file:
        file.write(data)
    os.rename(path + '.new', path)


def open_session(public):
    """A new key is agreed on."""
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    forget(ROOT, 86400)
    mine = X25519PrivateKey.generate()
    theirs = base64.b64decode(public)
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    own = mine.public_key().public_bytes(*raw)
    shared = mine.exchange(X25519PublicKey.from_public_bytes(theirs))
    key = HKDF(hashes.SHA256(), 32, theirs + own, b'timeball/salt 1').derive(shared)
    session = os.urandom(16).hex()
    os.mkdir(within(session), 0o700)
    write(within(session) + '/key', key)
    from importlib.metadata import version

    return {'session': session, 'public': base64.b64encode(own).decode(), 'salt': version('salt')}


def forget(folder, seconds):
    for each in os.scandir(folder):
        if each.is_dir() and time.time() - max(one.stat().st_mtime for one in [each, *os.scandir(each)]) > seconds:
            shutil.rmtree(each, ignore_errors=True)


def put(order, folder):
    """A part of the bundle; after the last one it is handed over. The same part once more changes nothing."""
    if order['part'] == 0:
        forget(os.path.dirname(folder), 2 * FORGOTTEN_SECONDS)
        os.makedirs(folder + '/out', 0o700, exist_ok=True)
    elif not os.path.isdir(folder):
        raise Refused('lost')
    if os.path.exists(folder + '/begun'):
        return
    write(f'{folder}/in.{order["part"]}', zlib.decompress(base64.b64decode(order['data'])) if order['data'] else b'')
    if not order['last']:
        return
    missing = [part for part in range(order['part']) if not os.path.exists(f'{folder}/in.{part}')]
    if missing:
        raise Refused('lost')
    write(folder + '/begun', b'')
    if os.fork() == 0:
        try:
            os.setsid()
            nothing = os.open(os.devnull, os.O_RDWR)
            for number in range(3):
                os.dup2(nothing, number)
            os.closerange(3, 1024)
            pump(folder, order['part'], order['command'])
        finally:
            os._exit(0)


def pump(folder, last, command):
    with open(folder + '/in', 'wb') as whole:
        for part in range(last + 1):
            with open(f'{folder}/in.{part}', 'rb') as file:
                shutil.copyfileobj(file, whole)
            os.unlink(f'{folder}/in.{part}')
    with open(folder + '/in', 'rb') as bundle, open(folder + '/err', 'w+b') as errors:
        os.unlink(folder + '/in')
        child = subprocess.Popen(['sh', '-c', command], stdin=bundle, stdout=subprocess.PIPE, stderr=errors, start_new_session=True)
        number = 0
        while data := filled(child.stdout.fileno()):
            if not room(folder):
                return
            write(f'{folder}/out/{number}', data)
            number += 1
        code = child.wait()
        errors.seek(0)
        write(folder + '/end', json.dumps({'parts': number, 'code': code, 'stderr': errors.read(65536).decode(errors='replace')}).encode())


def filled(output):
    """What comes within a moment. Nothing: it is the end."""
    data = os.read(output, MOST_BYTES)
    give_up = time.monotonic() + FILL_SECONDS
    while data and len(data) < MOST_BYTES and select.select([output], [], [], max(0, give_up - time.monotonic()))[0]:
        more = os.read(output, MOST_BYTES - len(data))
        if not more:
            break
        data += more
    return data


def room(folder):
    """Waits until what there is was fetched. False: nobody fetches it any more, and nobody listens to the
    program from then on. It is not ended: a change is brought to its end."""
    since = time.monotonic()
    while True:
        try:
            if len(os.listdir(folder + '/out')) < MOST_PARTS:
                return True
        except FileNotFoundError:
            pass
        if not os.path.isdir(folder) or time.monotonic() - since > FORGOTTEN_SECONDS:
            return False
        time.sleep(0.05)


def get(order, folder):
    """What the program says from a part on; those before it have arrived, and go."""
    if not os.path.exists(folder + '/begun'):
        raise Refused('lost')
    first = order['from']
    for name in os.listdir(folder + '/out'):
        if name.isdigit() and int(name) < first:
            os.unlink(f'{folder}/out/{name}')
    give_up = time.monotonic() + order['wait']
    lingered = False
    while True:
        ended = os.path.exists(folder + '/end')
        data, following = taken(folder, first)
        if ended or len(data) >= MOST_BYTES or (data and lingered) or time.monotonic() > give_up:
            break
        lingered = bool(data)
        time.sleep(LINGER_SECONDS if data else 0.02)
    final = None
    if ended:
        with open(folder + '/end', 'rb') as file:
            final = json.load(file)
        if final.pop('parts') != following:
            final = None
    return {'data': base64.b64encode(data).decode(), 'next': following, 'end': final}


def taken(folder, first):
    data = b''
    while True:
        try:
            size = os.path.getsize(f'{folder}/out/{first}')
            if data and len(data) + size > MOST_BYTES:
                return data, first
            with open(f'{folder}/out/{first}', 'rb') as file:
                data += file.read()
        except FileNotFoundError:
            return data, first
        first += 1


def carry_out(ask):
    if ask['kind'] == 'open':
        return open_session(ask['public'])
    session, operation = ask['session'], ask['operation']
    if not os.path.exists(within(session) + '/key'):
        raise Refused('no session')
    about = f'{session} {operation}'
    order = unseal(ask['sealed'], session, about)
    folder = within(session, operation)
    if order['kind'] == 'drop':
        shutil.rmtree(folder, ignore_errors=True)
        return {}
    if order['kind'] == 'put':
        put(order, folder)
        if not order['last']:
            return {}
        order = {**order, 'from': 0}
    return {'sealed': seal(get(order, folder), session, f'{about} {order["from"]}')}


def main():
    os.umask(0o077)
    os.makedirs(ROOT, 0o700, exist_ok=True)
    asked = globals()['asked']
    if 'program' in asked:
        write(ROOT + '/' + asked['name'], base64.b64decode(asked['program']))
    try:
        said = carry_out(asked['for'][sys.argv[1]])
    except Refused as error:
        said = {'refused': str(error)}
    print('timeball ' + json.dumps(said))


main()
