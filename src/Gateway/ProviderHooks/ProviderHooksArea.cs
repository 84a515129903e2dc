using Google.Protobuf;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Gateway.Access;
using ZohoPlatform.Gateway.Access.Streams;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Problems;

namespace ZohoPlatform.Gateway.ProviderHooks;

/// <summary>What providers tell by themselves. It is passed on as it came to the service that knows what it means.</summary>
internal static class ProviderHooksArea
{
    private const string Crm = "crm";
    private const string Messaging = "messaging";

    // what a provider is answered that wants to hear nothing but that it was taken: {}
    private static readonly IReadOnlyDictionary<string, string> Noted = new Dictionary<string, string>(StringComparer.Ordinal);

    // providers send at once what they have; who is slower keeps a place that others need
    private static readonly TimeSpan BodyWithin = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Passes on what was sent, byte for byte; nothing of it is read where nobody can have such a channel. A place among those that are worked on is for who has
    /// sent all of it.
    /// </summary>
    /// <exception cref="BadHttpRequestException">It did not come in time.</exception>
    public static async Task<IResult> PassOnAsync(
        HttpRequest http, string channel, OpenStreams streams, TimeProvider clock, Func<ByteString, Task> pass, CancellationToken cancellationToken)
    {
        var body = await BodyOfAsync(http, channel, clock, cancellationToken);
        using var place = streams.OpenHookAtWork();
        if (place.Refusal is { } refusal)
        {
            return (ProblemResult)refusal;
        }

        await pass(body);
        return TypedResults.Ok(Noted);
    }

    private static async Task<ByteString> BodyOfAsync(HttpRequest http, string channel, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (ProviderHook.ChannelOf(channel) == ProviderHook.NoChannel)
        {
            return ByteString.Empty;
        }

        using var limit = new CancellationTokenSource(BodyWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ByteString.FromStreamAsync(http.Body, either.Token);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BadHttpRequestException("The body did not come in time.", StatusCodes.Status408RequestTimeout, e);
        }
    }

    extension(IHostApplicationBuilder builder)
    {
        public void AddProviderHooksArea()
        {
            // noted twice is noted
            builder.AddAreaClient<Notifications.NotificationsClient>(Crm, repeatable: ["Receive"]);
            builder.AddAreaClient<WhatsAppWebhooks.WhatsAppWebhooksClient>(Messaging, repeatable: ["VerifyAddress", "ReceiveWebhook"]);
        }
    }

    extension(IEndpointRouteBuilder routes)
    {
        public void MapProviderHooksArea()
        {
            routes.MapGroup("").Needs(Crm).MapZohoCrmHook();
            routes.MapGroup("").Needs(Messaging).MapWhatsAppHook();
        }
    }
}
