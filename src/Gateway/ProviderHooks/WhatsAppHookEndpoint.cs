using System.ComponentModel;
using Microsoft.AspNetCore.Cors;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Gateway.Access;
using ZohoPlatform.Gateway.Access.Streams;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.ProviderHooks;

/// <summary>
/// Where Meta tells of WhatsApp messages, and asks once whether the address is right. Who calls is known by the signature over the body, or
/// by the verify
/// token, both of which the service behind knows; here they are not looked at.
/// </summary>
internal static class WhatsAppHookEndpoint
{
    private const string Path = "/webhooks/whatsapp/{channel}";

    // "The maximum payload size is 3 MB" (Meta, Cloud API webhooks)
    private const int MaxBytes = 3 * 1024 * 1024;

    private const string ExampleBody =
        """{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"messages","value":{"messaging_product":"whatsapp"}}]}]}""";

    private static readonly object[] Marks = [new ProviderHook("channel"), new DisableCorsAttribute()];

    extension(IEndpointRouteBuilder routes)
    {
        public void MapWhatsAppHook()
        {
            routes.MapGet(Path, Verify)
                .WithTags("Notifications")
                .AllowAnonymous()
                .WithMetadata(Marks)
                .Produces<string>(StatusCodes.Status200OK, "text/plain")
                .Describe(
                    "verifyWhatsAppAddress",
                    "Where Meta asks whether an address is right",
                    "When the callback URL is set in the app's dashboard: answers with hub.challenge where hub.verify_token is the "
                        + "channel's; no key.",
                    response: "1158201444")
                .Fails(403, 404, 429, 500, 503)
                .WithAnyParameters();
            routes.MapPost(Path, Receive)
                .WithTags("Notifications")
                .AllowAnonymous()
                .WithMetadata([.. Marks, new RequestSizeLimitAttribute(MaxBytes)])
                .Produces(StatusCodes.Status200OK)
                .Describe(
                    "receiveWhatsAppNotification",
                    "Where Meta tells of WhatsApp messages",
                    "A channel's webhook_url. At most 3 MB as the Cloud API writes it, with its signature in X-Hub-Signature-256; no "
                        + "key. Everything in it is stored "
                        + "before the answer; what is known already does nothing.")
                .TakesText(("application/json", ExampleBody))
                .Fails(400, 401, 403, 404, 413, 429, 500, 503)
                // Meta may add what it likes
                .WithAnyParameters();
        }
    }

    private static async Task<IResult> Verify(
        [Description("As webhook_url of the channel has it.")] string channel,
        [FromQuery(Name = "hub.mode"), Description("subscribe.")] string? mode,
        [FromQuery(Name = "hub.verify_token"), Description("The channel's.")] string? verifyToken,
        [FromQuery(Name = "hub.challenge"), Description("What to answer with.")] string? challenge,
        ServiceCalls calls,
        WhatsAppWebhooks.WhatsAppWebhooksClient webhooks,
        CancellationToken cancellationToken)
    {
        var answer = await webhooks.VerifyAddressAsync(
            new() { ChannelId = channel, Mode = mode ?? "", VerifyToken = verifyToken ?? "", Challenge = challenge ?? "" },
            calls.AsItself(TenantId.None, cancellationToken));
        return TypedResults.Text(answer.Challenge, "text/plain");
    }

    private static async Task<IResult> Receive(
        [Description("As webhook_url of the channel has it.")] string channel,
        [FromHeader(Name = "X-Hub-Signature-256"), Description("sha256= and the HMAC-SHA256 of the body, in hexadecimal, with the app's secret.")]
        string? signature,
        HttpRequest http,
        ServiceCalls calls,
        WhatsAppWebhooks.WhatsAppWebhooksClient webhooks,
        OpenStreams streams,
        TimeProvider clock,
        CancellationToken cancellationToken) => await ProviderHooksArea.PassOnAsync(
        http,
        channel,
        streams,
        clock,
        // the tenant is the channel's, which only the service knows
        async body => await webhooks.ReceiveWebhookAsync(
            new() { ChannelId = channel, Body = body, Signature = signature ?? "" }, calls.AsItself(TenantId.None, cancellationToken)),
        cancellationToken);
}
