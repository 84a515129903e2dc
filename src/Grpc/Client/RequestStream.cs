using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>The caller's messages, one write at a time, on their way into the request.</summary>
internal sealed class RequestStream<TRequest, TResponse>(HttpClientCall<TRequest, TResponse> call) : IClientStreamWriter<TRequest>, IRequestBody
    where TRequest : class
    where TResponse : class
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _writing;

    public WriteOptions? WriteOptions { get; set; } = call.WriteOptions;

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        BeginWrite();

        try
        {
            if (_complete.Task.IsCompleted)
            {
                throw call.EndedStatus is { StatusCode: not StatusCode.OK }
                    ? call.EndedException()
                    : new InvalidOperationException("Can't write the message because the request stream is complete.");
            }

            using var registration = cancellationToken.UnsafeRegister(static call => ((HttpClientCall<TRequest, TResponse>)call!).Cancel(), call);
            using var frame = call.Serialize(message, WriteOptions);
            await SendAsync(frame);
        }
        finally
        {
            Volatile.Write(ref _writing, false);
        }
    }

    public Task CompleteAsync()
    {
        BeginWrite();
        _complete.TrySetResult();
        Volatile.Write(ref _writing, false);
        return Task.CompletedTask;
    }

    public async Task WriteToAsync(Stream stream, CancellationToken cancellationToken)
    {
        // The server must hear of the call before the first message exists. Neither wait takes the token: HttpClient cancels it when the
        // connection breaks, and would report the cancellation instead of what broke. Release ends the second, a broken connection the first.
        await stream.FlushAsync(CancellationToken.None);
        _stream.TrySetResult(stream);
        await _complete.Task;
    }

    public void Release()
    {
        // a request that was not completed must not look as if it had been
        _stream.TrySetCanceled();
        _complete.TrySetCanceled();
    }

    private async Task SendAsync(PooledBuffer frame)
    {
        try
        {
            var stream = await _stream.Task;
            await stream.WriteAsync(frame.Written, call.Token);

            if (WriteOptions?.Flags.HasFlag(WriteFlags.BufferHint) is not true)
            {
                await stream.FlushAsync(call.Token);
            }
        }
        catch (Exception e)
        {
            throw call.EndedStatus is null ? new RpcException(call.Explain(e)) : call.EndedException();
        }
    }

    private void BeginWrite()
    {
        if (Interlocked.Exchange(ref _writing, true))
        {
            throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
        }
    }
}
