"""C-core (grpcio) as the other side of the standard interop cases; see ../README.md for how it is spoken to."""

import base64
import concurrent.futures
import json
import os
import sys
import threading
import traceback

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

POOL = descriptor_pool.DescriptorPool()
for file in descriptor_pb2.FileDescriptorSet.FromString(base64.b64decode(sys.argv[1])).file:
    POOL.Add(file)


def message(name):
    return message_factory.MessageFactory(POOL).GetPrototype(POOL.FindMessageTypeByName("grpc.testing." + name))


Empty = message("Empty")
BoolValue = message("BoolValue")
Payload = message("Payload")
EchoStatus = message("EchoStatus")
SimpleRequest = message("SimpleRequest")
SimpleResponse = message("SimpleResponse")
StreamingInputCallRequest = message("StreamingInputCallRequest")
StreamingInputCallResponse = message("StreamingInputCallResponse")
ResponseParameters = message("ResponseParameters")
StreamingOutputCallRequest = message("StreamingOutputCallRequest")
StreamingOutputCallResponse = message("StreamingOutputCallResponse")

SERVICE = "grpc.testing.TestService"
ECHO_INITIAL = "x-grpc-test-echo-initial"
ECHO_TRAILING = "x-grpc-test-echo-trailing-bin"
LIMIT = 20


def zeros(size):
    return Payload(body=bytes(size))


# ---- server


def echo(context):
    received = context.invocation_metadata()
    initial = tuple((key, value) for key, value in received if key == ECHO_INITIAL)
    if initial:
        context.send_initial_metadata(initial)
    context.set_trailing_metadata(tuple((key, value) for key, value in received if key == ECHO_TRAILING))


def refuse(request, context):
    if request.response_status.code:
        code = next(code for code in grpc.StatusCode if code.value[0] == request.response_status.code)
        context.abort(code, request.response_status.message)


def empty_call(request, context):
    return Empty()


def unary_call(request, context):
    if request.response_compressed.value:
        context.set_compression(grpc.Compression.Gzip)
    echo(context)
    refuse(request, context)
    return SimpleResponse(payload=zeros(request.response_size))


def streaming_input_call(requests, context):
    return StreamingInputCallResponse(aggregated_payload_size=sum(len(request.payload.body) for request in requests))


def responses(request, context):
    gone = threading.Event()
    if not context.add_callback(gone.set):
        return
    for parameters in request.response_parameters:
        if parameters.interval_us and gone.wait(parameters.interval_us / 1e6):
            return
        if not parameters.compressed.value:
            context.disable_next_message_compression()
        yield StreamingOutputCallResponse(payload=zeros(parameters.size))


def streaming_output_call(request, context):
    if any(parameters.compressed.value for parameters in request.response_parameters):
        context.set_compression(grpc.Compression.Gzip)
    yield from responses(request, context)


def full_duplex_call(requests, context):
    echo(context)
    for request in requests:
        refuse(request, context)
        yield from responses(request, context)


def handler(kind, behavior, request):
    return kind(behavior, request_deserializer=request.FromString, response_serializer=lambda response: response.SerializeToString())


def serve():
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=8))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {
        "EmptyCall": handler(grpc.unary_unary_rpc_method_handler, empty_call, Empty),
        "UnaryCall": handler(grpc.unary_unary_rpc_method_handler, unary_call, SimpleRequest),
        "StreamingInputCall": handler(grpc.stream_unary_rpc_method_handler, streaming_input_call, StreamingInputCallRequest),
        "StreamingOutputCall": handler(grpc.unary_stream_rpc_method_handler, streaming_output_call, StreamingOutputCallRequest),
        "FullDuplexCall": handler(grpc.stream_stream_rpc_method_handler, full_duplex_call, StreamingOutputCallRequest),
    }),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


# ---- client


class Client:
    def __init__(self, channel):
        def method(kind, name, response, service=SERVICE):
            return kind(f"/{service}/{name}", request_serializer=lambda request: request.SerializeToString(),
                        response_deserializer=response.FromString)

        self.empty = method(channel.unary_unary, "EmptyCall", Empty)
        self.unary = method(channel.unary_unary, "UnaryCall", SimpleResponse)
        self.input = method(channel.stream_unary, "StreamingInputCall", StreamingInputCallResponse)
        self.output = method(channel.unary_stream, "StreamingOutputCall", StreamingOutputCallResponse)
        self.duplex = method(channel.stream_stream, "FullDuplexCall", StreamingOutputCallResponse)
        self.unimplemented = method(channel.unary_unary, "UnimplementedCall", Empty)
        self.other = method(channel.unary_unary, "UnimplementedCall", Empty, "grpc.testing.UnimplementedService")


def equal(expected, actual):
    if expected != actual:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def is_zeros(response, size):
    equal(size, len(response.payload.body))
    equal(False, any(response.payload.body))


def error(call):
    """The error that a call ends with."""
    try:
        call()
    except grpc.RpcError as e:
        return e
    raise AssertionError("the call ended well")


REQUEST_SIZES = (27182, 8, 1828, 45904)
RESPONSE_SIZES = (31415, 9, 2653, 58979)
LARGE = dict(response_size=314159, payload=zeros(271828))


def flag(value):
    return BoolValue(value=value)


def large_unary(client, compression=None, **fields):
    response = client.unary(SimpleRequest(**LARGE, **fields), timeout=LIMIT, compression=compression)
    is_zeros(response, LARGE["response_size"])


def server_streaming(client, parameters):
    arrived = list(client.output(StreamingOutputCallRequest(response_parameters=parameters), timeout=LIMIT))
    equal(len(parameters), len(arrived))
    for response, wanted in zip(arrived, parameters):
        is_zeros(response, wanted.size)


def duplex_request(response_size, request_size, interval_us=0):
    return StreamingOutputCallRequest(
        response_parameters=[ResponseParameters(size=response_size, interval_us=interval_us)], payload=zeros(request_size))


class Open:
    """A stream of requests that stays open after its first ones until it is told otherwise; closed on leaving."""

    def __init__(self, *first):
        self._first = first
        self._closed = threading.Event()

    def __enter__(self):
        return self._requests()

    def __exit__(self, *_):
        self._closed.set()

    def _requests(self):
        yield from self._first
        self._closed.wait(LIMIT)


def empty_unary(client):
    equal(Empty(), client.empty(Empty(), timeout=LIMIT))


def client_streaming(client):
    requests = (StreamingInputCallRequest(payload=zeros(size)) for size in REQUEST_SIZES)
    equal(74922, client.input(requests, timeout=LIMIT).aggregated_payload_size)


def ping_pong(client):
    turn = threading.Semaphore(0)

    def requests():
        for response_size, request_size in zip(RESPONSE_SIZES, REQUEST_SIZES):
            yield duplex_request(response_size, request_size)
            turn.acquire(timeout=LIMIT)

    call = client.duplex(requests(), timeout=LIMIT)
    for size in RESPONSE_SIZES:
        is_zeros(next(call), size)
        turn.release()
    equal([], list(call))
    equal(grpc.StatusCode.OK, call.code())


def empty_stream(client):
    call = client.duplex(iter(()), timeout=LIMIT)
    equal([], list(call))
    equal(grpc.StatusCode.OK, call.code())


def client_compressed_unary_probe(client):
    refused = error(lambda: large_unary(client, expect_compressed=flag(True)))
    equal(grpc.StatusCode.INVALID_ARGUMENT, refused.code())


def client_compressed_unary(client):
    large_unary(client, grpc.Compression.Gzip, expect_compressed=flag(True))
    large_unary(client, expect_compressed=flag(False))


def server_compressed_unary(client):
    large_unary(client, response_compressed=flag(True))
    large_unary(client, response_compressed=flag(False))


def client_compressed_streaming_probe(client):
    request = StreamingInputCallRequest(payload=zeros(27182), expect_compressed=flag(True))
    equal(grpc.StatusCode.INVALID_ARGUMENT, error(lambda: client.input(iter((request,)), timeout=LIMIT)).code())


def client_compressed_streaming(client):
    # Python cannot choose per message, but C-core leaves a message as it is that gzip would not make smaller
    requests = iter((
        StreamingInputCallRequest(payload=zeros(27182), expect_compressed=flag(True)),
        StreamingInputCallRequest(payload=Payload(body=os.urandom(45904)), expect_compressed=flag(False)),
    ))
    response = client.input(requests, timeout=LIMIT, compression=grpc.Compression.Gzip)
    equal(73086, response.aggregated_payload_size)


def server_compressed_streaming(client):
    server_streaming(client, [
        ResponseParameters(size=31415, compressed=flag(True)), ResponseParameters(size=92653, compressed=flag(False))])


def empty_compressed_unary(client):
    equal(Empty(), client.empty(Empty(), timeout=LIMIT, compression=grpc.Compression.Gzip))


def cancel_after_begin(client):
    with Open() as requests:
        call = client.input.future(requests, timeout=LIMIT)
        call.cancel()
        equal(grpc.StatusCode.CANCELLED, call.code())


def cancel_after_first_response(client):
    with Open(duplex_request(31415, 27182)) as requests:
        call = client.duplex(requests, timeout=LIMIT)
        is_zeros(next(call), 31415)
        call.cancel()
        equal(grpc.StatusCode.CANCELLED, call.code())


def timeout_on_sleeping_server(client):
    with Open(duplex_request(31415, 27182, interval_us=60_000_000)) as requests:
        call = client.duplex(requests, timeout=0.1)
        equal(grpc.StatusCode.DEADLINE_EXCEEDED, error(lambda: next(call)).code())


def custom_metadata(client):
    sent = ((ECHO_INITIAL, "test_initial_metadata_value"), (ECHO_TRAILING, b"\xab\xab\xab"))

    def is_echoed(call):
        equal("test_initial_metadata_value", dict(call.initial_metadata())[ECHO_INITIAL])
        equal(b"\xab\xab\xab", dict(call.trailing_metadata())[ECHO_TRAILING])

    response, call = client.unary.with_call(SimpleRequest(**LARGE), metadata=sent, timeout=LIMIT)
    is_zeros(response, LARGE["response_size"])
    is_echoed(call)

    call = client.duplex(iter((duplex_request(314159, 271828),)), metadata=sent, timeout=LIMIT)
    arrived = list(call)
    equal(1, len(arrived))
    is_zeros(arrived[0], 314159)
    is_echoed(call)


def status_code_and_message(client):
    status = EchoStatus(code=2, message="test status message")
    for refused in (
            error(lambda: client.unary(SimpleRequest(response_status=status), timeout=LIMIT)),
            error(lambda: list(client.duplex(iter((StreamingOutputCallRequest(response_status=status),)), timeout=LIMIT)))):
        equal((grpc.StatusCode.UNKNOWN, "test status message"), (refused.code(), refused.details()))


def special_status_message(client):
    text = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
    refused = error(lambda: client.unary(SimpleRequest(response_status=EchoStatus(code=2, message=text)), timeout=LIMIT))
    equal((grpc.StatusCode.UNKNOWN, text), (refused.code(), refused.details()))


def unimplemented_method(client):
    equal(grpc.StatusCode.UNIMPLEMENTED, error(lambda: client.unimplemented(Empty(), timeout=LIMIT)).code())


def unimplemented_service(client):
    equal(grpc.StatusCode.UNIMPLEMENTED, error(lambda: client.other(Empty(), timeout=LIMIT)).code())


CASES = {case.__name__: case for case in (
    empty_unary, large_unary, client_streaming, ping_pong, empty_stream,
    client_compressed_unary_probe, client_compressed_unary, server_compressed_unary,
    client_compressed_streaming_probe, client_compressed_streaming, server_compressed_streaming,
    empty_compressed_unary, cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server, custom_metadata,
    status_code_and_message, special_status_message, unimplemented_method, unimplemented_service)}
CASES["server_streaming"] = lambda client: server_streaming(client, [ResponseParameters(size=size) for size in RESPONSE_SIZES])


# ---- the test's side of the talk


def say(**answer):
    print(json.dumps(answer), flush=True)


def run(name, address):
    try:
        with grpc.insecure_channel(address) as channel:
            CASES[name](Client(channel))
        say(ok=True)
    except Exception:
        say(ok=False, error=traceback.format_exc())


def main():
    server, port = serve()
    say(port=port)
    for line in sys.stdin:
        order = json.loads(line)
        run(order["case"], order["address"])
    server.stop(None)


main()
