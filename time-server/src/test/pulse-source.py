"""A pulse each second in NTP shared memory unit 1, as gpsd writes it for a receiver with PPS.

Python, because Node has no System V shared memory. The layout is ntpd's: ntpd/refclock_shm.c.
"""
import ctypes
import time


class ShmTime(ctypes.Structure):
    _fields_ = [
        ("mode", ctypes.c_int),
        ("count", ctypes.c_int),
        ("clock_sec", ctypes.c_long),
        ("clock_usec", ctypes.c_int),
        ("receive_sec", ctypes.c_long),
        ("receive_usec", ctypes.c_int),
        ("leap", ctypes.c_int),
        ("precision", ctypes.c_int),
        ("nsamples", ctypes.c_int),
        ("valid", ctypes.c_int),
        ("clock_nsec", ctypes.c_uint),
        ("receive_nsec", ctypes.c_uint),
        ("dummy", ctypes.c_int * 8),
    ]


IPC_CREAT = 0o1000
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
segment = libc.shmget(0x4E545030 + 1, ctypes.sizeof(ShmTime), IPC_CREAT | 0o600)
address = libc.shmat(segment, None, 0) if segment >= 0 else None
if address in (None, ctypes.c_void_p(-1).value):
    raise OSError(ctypes.get_errno(), "no shared memory")
shm = ShmTime.from_address(address)
shm.mode = 1
shm.precision = -20
print("ready", flush=True)

while True:
    time.sleep(1 - time.time() % 1)
    second = round(time.time())
    shm.valid = 0
    shm.count += 1
    shm.clock_sec = shm.receive_sec = second
    shm.clock_usec = shm.clock_nsec = 0
    # 20 µs late: a figure that a test can find again.
    shm.receive_usec, shm.receive_nsec = 20, 20_000
    shm.count += 1
    shm.valid = 1
