using Grpc.Core;
using Microsoft.AspNetCore.Http;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>The caller of the request at hand.</summary>
public static class CallerContext
{
    private static readonly Failure NoCaller = new(
        FailureKind.Unauthenticated, "ticket_missing", "This call needs a valid ticket of the platform.");

    extension(HttpContext context)
    {
        /// <summary>The authenticated caller. Throws UNAUTHENTICATED where there is none.</summary>
        public Caller Caller => CallerIdentity.CallerOf(context.User) ?? throw NoCaller.ToRpcException();
    }

    extension(ServerCallContext context)
    {
        /// <summary>The ticket's caller. Throws UNAUTHENTICATED where there is none.</summary>
        public Caller Caller => context.GetHttpContext().Caller;

        /// <summary>The ticket's caller, whose role is at least <paramref name="least"/>. Throws PERMISSION_DENIED where it is not.</summary>
        public Caller CallerWith(Role least)
        {
            var caller = context.Caller;
            return caller.Role >= least
                ? caller
                : throw new Failure(
                    FailureKind.Forbidden,
                    "role_missing",
                    $"This needs the role {least.ToString().ToLowerInvariant()}; the caller is {caller.Role.ToString().ToLowerInvariant()}.").ToRpcException();
        }
    }
}
