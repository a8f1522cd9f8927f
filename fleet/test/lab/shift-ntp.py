"""Forwards NTP to this device's own server and makes its clock look wrong: shift-ntp.py PORT SECONDS."""
import socket
import struct
import sys

port, shift = int(sys.argv[1]), float(sys.argv[2])
door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
door.bind(("0.0.0.0", port))
print("ready", flush=True)
while True:
    request, client = door.recvfrom(1024)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.settimeout(1)
    server.sendto(request, ("127.0.0.1", 123))
    try:
        reply = bytearray(server.recv(1024))
    except TimeoutError:
        continue
    finally:
        server.close()
    # RFC 5905 section 7.3: reference, receive and transmit timestamps; the origin is the client's.
    for at in (16, 32, 40):
        (stamp,) = struct.unpack_from("!Q", reply, at)
        struct.pack_into("!Q", reply, at, (stamp + round(shift * 2**32)) % 2**64)
    door.sendto(reply, client)
