using Grpc.Core;
using Microsoft.AspNetCore.Http;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>The caller of the request at hand.</summary>
public static class CallerContext
{
    internal static readonly Failure NoCaller = new(
        FailureKind.Unauthenticated, "ticket_missing", "This call needs a valid ticket of the platform.");

    /// <summary>The refusal of a caller whose role does not suffice.</summary>
    public static Failure RoleMissing(Role needed, Role has) => new(
        FailureKind.Forbidden,
        "role_missing",
        $"This needs the role {NameOf(needed)}, and the caller's is {NameOf(has)}: use a key that has it, which an admin of the tenant can make.");

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
                : throw RoleMissing(least, caller.Role).ToRpcException();
        }
    }

    private static string NameOf(Role role) => role.ToString().ToLowerInvariant();
}
