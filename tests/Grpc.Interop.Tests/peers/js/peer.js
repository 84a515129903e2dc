// @grpc/grpc-js as the other side of the standard interop cases; see ../README.md for how it is spoken to.
'use strict';

const assert = require('node:assert/strict');
const readline = require('node:readline');
const { setTimeout: after } = require('node:timers/promises');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const { testing } = grpc.loadPackageDefinition(
  loader.loadFileDescriptorSetFromBuffer(Buffer.from(process.argv[2], 'base64'), { defaults: true })
).grpc;

const ECHO_INITIAL = 'x-grpc-test-echo-initial';
const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin';
const NO_COMPRESS = 2;
const LIMIT = 20_000;

const zeros = (size) => ({ body: Buffer.alloc(size) });

// ---- server

function echo(call) {
  const initial = call.metadata.get(ECHO_INITIAL);
  const trailers = new grpc.Metadata();
  call.metadata.get(ECHO_TRAILING).forEach((value) => trailers.add(ECHO_TRAILING, value));
  if (initial.length > 0) {
    const headers = new grpc.Metadata();
    initial.forEach((value) => headers.add(ECHO_INITIAL, value));
    call.sendMetadata(headers);
  }
  return trailers;
}

const refusal = ({ code, message }, metadata) => ({ code, details: message, metadata });
const refuses = (request) => request.response_status && request.response_status.code !== 0;

async function answer(call, request) {
  for (const { size, interval_us: interval } of request.response_parameters) {
    if (interval > 0) {
      await after(interval / 1000);
    }
    if (call.cancelled) {
      return;
    }
    call.write({ payload: zeros(size) });
  }
}

const service = {
  EmptyCall: (call, done) => done(null, {}),
  UnaryCall(call, done) {
    const trailers = echo(call);
    if (refuses(call.request)) {
      done(refusal(call.request.response_status, trailers));
    } else {
      done(null, { payload: zeros(call.request.response_size) }, trailers);
    }
  },
  StreamingInputCall(call, done) {
    let size = 0;
    call.on('data', (request) => (size += request.payload.body.length));
    call.on('end', () => done(null, { aggregated_payload_size: size }));
  },
  async StreamingOutputCall(call) {
    await answer(call, call.request);
    call.end();
  },
  FullDuplexCall(call) {
    const trailers = echo(call);
    let last = Promise.resolve();
    let refused = false;
    call.on('data', (request) => {
      last = last.then(() => {
        if (refuses(request)) {
          refused = true;
          call.emit('error', refusal(request.response_status, trailers));
        }
        return refused ? undefined : answer(call, request);
      });
    });
    call.on('end', () => last.then(() => refused || call.end(trailers)));
  },
};

// ---- client

/** One call with one response: how it ended, and with what. */
function single(start) {
  return new Promise((resolve) => {
    let headers;
    let response;
    const call = start((error, value) => (response = value));
    call.on('metadata', (metadata) => (headers = metadata));
    call.on('status', (status) => resolve({ status, headers, response }));
  });
}

const unary = (client, method, request, metadata = new grpc.Metadata()) =>
  single((done) => client[method](request, metadata, { deadline: Date.now() + LIMIT }, done));

/** A stream of responses, read one by one; null once it has ended. */
function reader(call) {
  const arrived = [];
  const waiting = [];
  const put = (value) => (waiting.length > 0 ? waiting.shift()(value) : arrived.push(value));
  let headers;
  call.on('metadata', (metadata) => (headers = metadata));
  call.on('data', put);
  call.on('error', () => {});
  const status = new Promise((resolve) => call.on('status', resolve));
  status.then(() => put(null));
  return {
    status,
    headers: () => headers,
    next: () => (arrived.length > 0 ? Promise.resolve(arrived.shift()) : new Promise((resolve) => waiting.push(resolve))),
  };
}

const deadline = (options) => ({ deadline: Date.now() + LIMIT, ...options });

function isOk(status) {
  assert.equal(status.code, grpc.status.OK, status.details);
}

function isZeros(response, size) {
  assert.equal(response.payload.body.length, size);
  assert.ok(response.payload.body.every((byte) => byte === 0));
}

const REQUEST_SIZES = [27182, 8, 1828, 45904];
const RESPONSE_SIZES = [31415, 9, 2653, 58979];
const LARGE = { response_size: 314159, payload: zeros(271828) };
const GZIP = { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip };

async function largeUnary(client, request) {
  const { status, response } = await unary(client, 'UnaryCall', { ...LARGE, ...request });
  isOk(status);
  isZeros(response, LARGE.response_size);
}

async function serverStreaming(client, parameters) {
  const responses = reader(client.StreamingOutputCall({ response_parameters: parameters }, deadline()));
  for (const { size } of parameters) {
    isZeros(await responses.next(), size);
  }
  assert.equal(await responses.next(), null);
  isOk(await responses.status);
}

const cases = {
  async empty_unary({ plain }) {
    const { status, response } = await unary(plain, 'EmptyCall', {});
    isOk(status);
    assert.deepEqual({ ...response }, {});
  },

  large_unary: ({ plain }) => largeUnary(plain, {}),

  async client_streaming({ plain }) {
    const { status, response } = await single((done) => {
      const call = plain.StreamingInputCall(deadline(), done);
      REQUEST_SIZES.forEach((size) => call.write({ payload: zeros(size) }));
      call.end();
      return call;
    });
    isOk(status);
    assert.equal(response.aggregated_payload_size, 74922);
  },

  server_streaming: ({ plain }) => serverStreaming(plain, RESPONSE_SIZES.map((size) => ({ size }))),

  async ping_pong({ plain }) {
    const call = plain.FullDuplexCall(deadline());
    const responses = reader(call);
    for (let i = 0; i < REQUEST_SIZES.length; i++) {
      call.write({ response_parameters: [{ size: RESPONSE_SIZES[i] }], payload: zeros(REQUEST_SIZES[i]) });
      isZeros(await responses.next(), RESPONSE_SIZES[i]);
    }
    call.end();
    assert.equal(await responses.next(), null);
    isOk(await responses.status);
  },

  async empty_stream({ plain }) {
    const call = plain.FullDuplexCall(deadline());
    const responses = reader(call);
    call.end();
    assert.equal(await responses.next(), null);
    isOk(await responses.status);
  },

  async client_compressed_unary_probe({ plain }) {
    const { status } = await unary(plain, 'UnaryCall', { ...LARGE, expect_compressed: { value: true } });
    assert.equal(status.code, grpc.status.INVALID_ARGUMENT);
  },

  async client_compressed_unary({ plain, gzip }) {
    await largeUnary(gzip, { expect_compressed: { value: true } });
    await largeUnary(plain, { expect_compressed: { value: false } });
  },

  async server_compressed_unary({ plain }) {
    await largeUnary(plain, { response_compressed: { value: true } });
    await largeUnary(plain, { response_compressed: { value: false } });
  },

  async client_compressed_streaming_probe({ plain }) {
    const { status } = await single((done) => {
      const call = plain.StreamingInputCall(deadline(), done);
      call.write({ payload: zeros(27182), expect_compressed: { value: true } });
      call.end();
      return call;
    });
    assert.equal(status.code, grpc.status.INVALID_ARGUMENT);
  },

  async client_compressed_streaming({ gzip }) {
    const { status, response } = await single((done) => {
      const call = gzip.StreamingInputCall(deadline(), done);
      call.write({ payload: zeros(27182), expect_compressed: { value: true } }, () => {
        // Writable.write takes no flags since Node refuses encodings that it does not know; the call below it does
        call.call.sendMessageWithContext(
          { flags: NO_COMPRESS, callback: () => call.end() },
          { payload: zeros(45904), expect_compressed: { value: false } }
        );
      });
      return call;
    });
    isOk(status);
    assert.equal(response.aggregated_payload_size, 73086);
  },

  server_compressed_streaming: ({ plain }) =>
    serverStreaming(plain, [
      { size: 31415, compressed: { value: true } },
      { size: 92653, compressed: { value: false } },
    ]),

  async empty_compressed_unary({ gzip }) {
    isOk((await unary(gzip, 'EmptyCall', {})).status);
  },

  async cancel_after_begin({ plain }) {
    const { status } = await single((done) => {
      const call = plain.StreamingInputCall(deadline(), done);
      setImmediate(() => call.cancel());
      return call;
    });
    assert.equal(status.code, grpc.status.CANCELLED);
  },

  async cancel_after_first_response({ plain }) {
    const call = plain.FullDuplexCall(deadline());
    const responses = reader(call);
    call.write({ response_parameters: [{ size: 31415 }], payload: zeros(27182) });
    isZeros(await responses.next(), 31415);
    call.cancel();
    assert.equal((await responses.status).code, grpc.status.CANCELLED);
  },

  async timeout_on_sleeping_server({ plain }) {
    const call = plain.FullDuplexCall({ deadline: Date.now() + 100 });
    const responses = reader(call);
    call.write({ response_parameters: [{ size: 31415, interval_us: 60_000_000 }], payload: zeros(27182) });
    assert.equal((await responses.status).code, grpc.status.DEADLINE_EXCEEDED);
  },

  async custom_metadata({ plain }) {
    const metadata = new grpc.Metadata();
    metadata.set(ECHO_INITIAL, 'test_initial_metadata_value');
    metadata.set(ECHO_TRAILING, Buffer.from('ababab', 'hex'));
    const isEchoed = (headers, status) => {
      isOk(status);
      assert.deepEqual(headers.get(ECHO_INITIAL), ['test_initial_metadata_value']);
      assert.deepEqual(status.metadata.get(ECHO_TRAILING), [Buffer.from('ababab', 'hex')]);
    };

    const { status, headers, response } = await unary(plain, 'UnaryCall', LARGE, metadata);
    isEchoed(headers, status);
    isZeros(response, LARGE.response_size);

    const call = plain.FullDuplexCall(metadata, deadline());
    const responses = reader(call);
    call.write({ response_parameters: [{ size: LARGE.response_size }], payload: LARGE.payload });
    call.end();
    isZeros(await responses.next(), LARGE.response_size);
    assert.equal(await responses.next(), null);
    isEchoed(responses.headers(), await responses.status);
  },

  async status_code_and_message({ plain }) {
    const request = { response_status: { code: 2, message: 'test status message' } };
    const { status } = await unary(plain, 'UnaryCall', request);
    assert.deepEqual([status.code, status.details], [2, 'test status message']);

    const call = plain.FullDuplexCall(deadline());
    const responses = reader(call);
    call.write(request);
    call.end();
    assert.equal(await responses.next(), null);
    const { code, details } = await responses.status;
    assert.deepEqual([code, details], [2, 'test status message']);
  },

  async special_status_message({ plain }) {
    const message = '\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \u{1f608}\t\n';
    const { status } = await unary(plain, 'UnaryCall', { response_status: { code: 2, message } });
    assert.deepEqual([status.code, status.details], [2, message]);
  },

  async unimplemented_method({ plain }) {
    const { status } = await unary(plain, 'UnimplementedCall', {});
    assert.equal(status.code, grpc.status.UNIMPLEMENTED);
  },

  async unimplemented_service({ other }) {
    const { status } = await unary(other, 'UnimplementedCall', {});
    assert.equal(status.code, grpc.status.UNIMPLEMENTED);
  },
};

async function run({ case: name, address }) {
  const open = (Client, options = {}) => new Client(address, grpc.credentials.createInsecure(), options);
  const clients = {
    plain: open(testing.TestService),
    gzip: open(testing.TestService, GZIP),
    other: open(testing.UnimplementedService),
  };
  try {
    await cases[name](clients);
    return { ok: true };
  } catch (error) {
    return { ok: false, error: error.stack };
  } finally {
    Object.values(clients).forEach((client) => client.close());
  }
}

// ---- the test's side of the talk

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const server = new grpc.Server();
server.addService(testing.TestService.service, service);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    throw error;
  }
  say({ port });
  readline
    .createInterface({ input: process.stdin })
    .on('line', async (line) => say(await run(JSON.parse(line))))
    .on('close', () => process.exit(0));
});
