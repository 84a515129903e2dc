using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.TokenService.Connections;

namespace ZohoPlatform.TokenService.Connecting;

internal sealed class ConnectionsGrpc(
    ConnectionDirectory connections, AuthorizationFlow authorization, GrantImport import, ConnectionTest test)
    : Contracts.Tokens.V1.Connections.ConnectionsBase
{
    public override async Task<StartAuthorizationResponse> StartAuthorization(
        StartAuthorizationRequest request, ServerCallContext context) =>
        (await authorization.StartAsync(context.CallerWith(Role.Admin), request, context.CancellationToken)).OrThrow();

    public override async Task<OpenAuthorizationResponse> OpenAuthorization(OpenAuthorizationRequest request, ServerCallContext context) =>
        (await authorization.OpenAsync(context.CallerWith(Role.Admin), request, context.CancellationToken)).OrThrow();

    public override async Task<Authorization> GetAuthorization(GetAuthorizationRequest request, ServerCallContext context) =>
        (await authorization.GetAsync(context.CallerWith(Role.Admin), request.Id, context.CancellationToken)).OrThrow();

    public override async Task<CompleteAuthorizationResponse> CompleteAuthorization(
        CompleteAuthorizationRequest request, ServerCallContext context)
    {
        // the browser comes without a key: the gateway speaks for nobody, and the sealed state says whose connection it is
        context.CallerWith(Role.Service);
        var connection = (await authorization.CompleteAsync(request, context.CancellationToken)).OrThrow();
        return new CompleteAuthorizationResponse { Connection = connection };
    }

    public override async Task<Connection> CreateConnection(CreateConnectionRequest request, ServerCallContext context) =>
        (await import.CreateAsync(context.CallerWith(Role.Admin), request, context.CancellationToken)).OrThrow();

    public override async Task<ListConnectionsResponse> ListConnections(ListConnectionsRequest request, ServerCallContext context) => new()
    {
        Connections =
        {
            (await connections.ListAsync(context.CallerWith(Role.Viewer), request.Provider, context.CancellationToken)).OrThrow(),
        },
    };

    public override async Task<Connection> GetConnection(GetConnectionRequest request, ServerCallContext context) =>
        (await connections.GetAsync(context.CallerWith(Role.Viewer), ConnectionIds.Parse(request.Id), context.CancellationToken)).OrThrow();

    public override async Task<Connection> ResolveConnection(ResolveConnectionRequest request, ServerCallContext context) =>
        (await connections.ResolveAsync(context.CallerWith(Role.Viewer), request.Feature, context.CancellationToken)).OrThrow();

    public override async Task<TestConnectionResponse> TestConnection(TestConnectionRequest request, ServerCallContext context) =>
        (await test.RunAsync(context.CallerWith(Role.Operator), ConnectionIds.Parse(request.Id), context.CancellationToken)).OrThrow();

    public override async Task<DeleteConnectionResponse> DeleteConnection(DeleteConnectionRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Admin);
        var id = ConnectionIds.Parse(request.Id);
        var revoked = (await connections.DeleteAsync(caller, id, request.EvenIfInUse, context.CancellationToken)).OrThrow();
        return new DeleteConnectionResponse { RevokedAtProvider = revoked };
    }
}
