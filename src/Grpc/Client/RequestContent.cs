using System.Net;
using Grpc.Wire;

namespace Grpc.Net.Client;

/// <summary>What a request sends: one frame, or frames as they are written.</summary>
internal interface IRequestBody
{
    /// <summary>Writes the request's body; done when there is no more.</summary>
    Task WriteToAsync(Stream stream, CancellationToken cancellationToken);

    /// <summary>The call has ended; nothing more is to be written.</summary>
    void Release();
}

/// <summary>A request body as HttpClient wants it. Its length stays unsaid, which lets the answer begin before the request ends.</summary>
internal sealed class RequestContent : HttpContent
{
    private readonly IRequestBody _body;

    public RequestContent(IRequestBody body)
    {
        _body = body;
        Headers.TryAddWithoutValidation("Content-Type", Wire.Headers.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        _body.WriteToAsync(stream, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _body.WriteToAsync(stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>One frame, kept until the call has ended so that it can be sent again.</summary>
internal sealed class RequestFrame(PooledBuffer frame) : IRequestBody
{
    private readonly Lock _gate = new();
    private int _writers;
    private bool _released;

    public async Task WriteToAsync(Stream stream, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_released)
            {
                throw new OperationCanceledException("The call has ended.");
            }

            _writers++;
        }

        try
        {
            await stream.WriteAsync(frame.Written, cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _writers--;
                FreeWhenUnused();
            }
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            _released = true;
            FreeWhenUnused();
        }
    }

    private void FreeWhenUnused()
    {
        if (_released && _writers == 0)
        {
            frame.Dispose();
        }
    }
}
