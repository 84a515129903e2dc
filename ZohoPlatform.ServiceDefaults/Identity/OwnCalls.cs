using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>
/// A service on its own account calls what it is configured for (<see cref="TrustedIssuer.Calls"/>) and nothing else, whatever a method
/// asks of people: a stolen key of one service is worth that service's own work alone.
/// </summary>
internal static class OwnCalls
{
    public static void Check(ServerCallContext context)
    {
        var http = context.GetHttpContext();
        // health is open to all, and reflection to all with a ticket
        if (CallerIdentity.CallerOf(http.User) is { } caller
            && !context.Method.StartsWith("/grpc.", StringComparison.Ordinal)
            && !http.RequestServices.GetRequiredService<TicketCheck>().MayCall(caller, context.Method))
        {
            var issuer = caller.Subject[Tickets.ServiceSubject.Length..];
            throw new Failure(
                FailureKind.Forbidden,
                "service_not_allowed",
                $"The service {issuer} may not call {context.Method[1..]} on its own account: Tickets:Issuers:{issuer}:Calls does not name it.").ToRpcException();
        }
    }
}
