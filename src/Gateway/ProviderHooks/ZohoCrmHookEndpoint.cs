using System.ComponentModel;
using Microsoft.AspNetCore.Cors;
using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Gateway.Access;
using ZohoPlatform.Gateway.Access.Streams;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.ProviderHooks;

/// <summary>
/// Where Zoho CRM tells that records were changed. Who calls is known by the token in the body, which the service behind knows; here it is not looked at.
/// </summary>
internal static class ZohoCrmHookEndpoint
{
    private const int MaxBytes = 256 * 1024;

    extension(IEndpointRouteBuilder routes)
    {
        public void MapZohoCrmHook() => routes.MapPost("/webhooks/zoho/crm/{channel}", Receive)
            .WithTags("Notifications")
            .AllowAnonymous()
            .WithMetadata(new ProviderHook("channel"), new RequestSizeLimitAttribute(MaxBytes), new DisableCorsAttribute())
            .Produces(StatusCodes.Status200OK)
            .Describe(
                "receiveZohoCrmNotification",
                "Where Zoho CRM tells of changes",
                "The platform gives Zoho this address by itself. At most 256 KB as Zoho CRM writes it, with the channel's token in it; no key. Records that "
                    + "it names are read at once.")
            .TakesText(("application/json", """{"module":"Leads","ids":["3652397000000000001"],"operation":"update","token":"fake-token-of-the-channel"}"""))
            .Fails(400, 404, 413, 429, 500, 503)
            // Zoho may add what it likes
            .WithAnyParameters();
    }

    private static async Task<IResult> Receive(
        [Description("As Zoho was told it.")] string channel,
        HttpRequest http,
        ServiceCalls calls,
        Notifications.NotificationsClient notifications,
        OpenStreams streams,
        TimeProvider clock,
        CancellationToken cancellationToken) => await ProviderHooksArea.PassOnAsync(
        http,
        channel,
        streams,
        clock,
        // the tenant is the channel's, which only the service knows
        async body => await notifications.ReceiveAsync(new() { ChannelId = channel, Body = body }, calls.AsItself(TenantId.None, cancellationToken)),
        cancellationToken);
}
