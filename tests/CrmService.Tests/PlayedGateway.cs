using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.CrmService.Tests;

/// <summary>The gateway's part of a notification: passes what Zoho sends on to the service, and answers as it does.</summary>
internal sealed class PlayedGateway : IAsyncDisposable
{
    private WebApplication _app = null!;

    public Uri Url => new(_app.Urls.Single());

    /// <summary>Whom it passes on to.</summary>
    public CrmHost? Service { get; set; }

    /// <summary>How each was answered.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<StatusCode> Answers { get; } = new();

    public static async Task<PlayedGateway> StartAsync()
    {
        var gateway = new PlayedGateway();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.Sources.Clear();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        gateway._app = builder.Build();
        gateway._app.MapPost("/webhooks/zoho/crm/{channel}", async (string channel, HttpRequest request) =>
            await gateway.PassOnAsync(channel, await ByteString.FromStreamAsync(request.Body)) is StatusCode.OK ? Results.Ok() : Results.NotFound());
        await gateway._app.StartAsync();
        return gateway;
    }

    public async Task<StatusCode> PassOnAsync(string channel, ByteString body)
    {
        var status = StatusCode.OK;
        try
        {
            await Service!.Notifications.ReceiveAsync(
                new ReceiveRequest { ChannelId = channel, Body = body }, Service.TicketOf(TenantId.None, Role.Service));
        }
        catch (RpcException e)
        {
            status = e.StatusCode;
        }

        Answers.Enqueue(status);
        return status;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
