using Grpc.Core;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using Wire = ZohoPlatform.Contracts.Messaging.V1;

namespace ZohoPlatform.MessagingService.Channels;

/// <summary>The MessagingChannels contract.</summary>
internal sealed class ChannelsGrpc(ChannelStore store) : Wire.MessagingChannels.MessagingChannelsBase
{
    public override async Task<Wire.ChannelWithToken> CreateChannel(Wire.CreateChannelRequest request, ServerCallContext context) =>
        (await store.CreateAsync(context.CallerWith(Role.Admin), request, context.CancellationToken)).OrThrow();

    public override async Task<Wire.ListChannelsResponse> ListChannels(Wire.ListChannelsRequest request, ServerCallContext context) =>
        new() { Channels = { await store.ListAsync(context.CallerWith(Role.Admin).Tenant, context.CancellationToken) } };

    public override async Task<Wire.Channel> GetChannel(Wire.GetChannelRequest request, ServerCallContext context) =>
        (await store.GetAsync(context.CallerWith(Role.Admin).Tenant, request.Id, context.CancellationToken)).OrThrow();

    public override async Task<Wire.Channel> UpdateChannel(Wire.UpdateChannelRequest request, ServerCallContext context) =>
        (await store.UpdateAsync(context.CallerWith(Role.Admin), request, context.CancellationToken)).OrThrow();

    public override async Task<Wire.DeleteChannelResponse> DeleteChannel(Wire.DeleteChannelRequest request, ServerCallContext context) =>
        await store.DeleteAsync(context.CallerWith(Role.Admin), request.Id, context.CancellationToken) is { } refused
            ? throw refused.ToRpcException()
            : new Wire.DeleteChannelResponse();

    public override async Task<Wire.ChannelWithToken> RotateChannel(Wire.RotateChannelRequest request, ServerCallContext context) =>
        (await store.RotateAsync(context.CallerWith(Role.Admin), request.Id, context.CancellationToken)).OrThrow();
}
