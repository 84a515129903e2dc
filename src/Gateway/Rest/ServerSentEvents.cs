using System.Text;
using Grpc.Core;
using ZohoPlatform.Gateway.Rest.Docs;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>A service's stream told to a browser or a program as it comes (WHATWG HTML, Server-sent events).</summary>
internal static class ServerSentEvents
{
    /// <summary>The header with which a reader goes on where it was.</summary>
    public const string LastEventId = "Last-Event-ID";

    private const string ContentType = "text/event-stream";

    /// <summary>Proxies close connections on which nothing was said for a minute, some for half of one.</summary>
    private static readonly TimeSpan KeepAliveEvery = TimeSpan.FromSeconds(15);

    extension<T>(T endpoint)
        where T : IEndpointConventionBuilder
    {
        /// <summary>
        /// Says in the docs what an event's <c>data</c> is, one of several where there are several, and lets the answer take as long as its
        /// reader stays.
        /// </summary>
        public T SendsEvents(Type data, params Type[] others)
        {
            // programs that stand in for a browser's reader say in the query, too, where they were
            endpoint.WithMetadata(
                new ProducesResponseTypeMetadata(StatusCodes.Status200OK, data, [ContentType]), new OthersParameter("lastEventId"), new EventStream());
            endpoint.DisableRequestTimeout();
            if (others.Length > 0)
            {
                endpoint.AddOpenApiOperationTransformer(async (operation, context, cancellationToken) =>
                    operation.Responses!["200"].Content![ContentType].Schema =
                        await EndpointDocs.OneOfAsync(context, [data, .. others], cancellationToken));
            }

            return endpoint;
        }
    }

    extension(HttpResponse response)
    {
        /// <summary>Says what follows; until the first byte of it, a failure is still told as a problem.</summary>
        public void AnnounceEvents()
        {
            response.ContentType = ContentType;
            // nginx holds answers back otherwise
            response.Headers["X-Accel-Buffering"] = "no";
        }
    }

    /// <summary>
    /// Writes what <paramref name="framesOf"/> makes of each message as it comes, and a comment when there is none for a while, until there
    /// are no more; what <paramref name="messages"/> throws goes to the caller.
    /// </summary>
    public static async Task WriteAsync<T>(
        IAsyncStreamReader<T> messages, Stream body, Func<T, string> framesOf, TimeProvider clock, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = messages.MoveNext(cancellationToken);
            while (!await ArrivesInTimeAsync(next, clock, cancellationToken))
            {
                await SendAsync(": still here\n\n");
            }

            if (!await next)
            {
                return;
            }

            await SendAsync(framesOf(messages.Current));
        }

        async Task SendAsync(string text)
        {
            await body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            await body.FlushAsync(cancellationToken);
        }
    }

    private static async Task<bool> ArrivesInTimeAsync(Task next, TimeProvider clock, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(KeepAliveEvery, clock, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

/// <summary>Marks an endpoint whose answer lasts as long as its reader stays.</summary>
internal sealed class EventStream;
