using Grpc.Core;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.ServiceDefaults.Identity;

/// <summary>
/// Lets a request in that shows a ticket (<c>authorization: Bearer ...</c>), and a service on its own account only to what it is configured
/// for (<see cref="TrustedIssuer.Calls"/>), whatever a method asks of people: a stolen key of one service is worth that service's own work
/// alone. ASP.NET Core's authentication and authorization would do the same, and cost a hand-out as much as all else that it does.
/// </summary>
internal sealed class TicketDoor(TicketCheck tickets) : IStartupFilter
{
    private const string Prefix = "Bearer ";

    // health is open to all, and reflection to all with a ticket
    private const string GrpcsOwn = "/grpc.";

    private bool _isThere;

    /// <summary>Has everything behind it ask for a ticket that does not allow anonymous callers.</summary>
    public void Guard(IApplicationBuilder app)
    {
        _isThere = true;
        app.Use(Guard);
    }

    /// <summary>A server without it would answer everybody: it does not start.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => _isThere
        ? next
        : throw new InvalidOperationException("AddGrpcServer needs MapDefaultEndpoints, which asks for tickets.");

    private RequestDelegate Guard(RequestDelegate next) => context =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            return next(context);
        }

        var header = (string?)context.Request.Headers.Authorization;
        if (header is null || !header.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return Refuse(context, CallerContext.NoCaller);
        }

        var opening = tickets.OpenAsync(header.AsSpan(Prefix.Length));
        return opening.IsCompletedSuccessfully ? LetIn(opening.Result, context, next) : LetInAsync(opening, context, next);
    };

    private static async Task LetInAsync(ValueTask<OpenTicket?> opening, HttpContext context, RequestDelegate next) =>
        await LetIn(await opening, context, next);

    private static Task LetIn(OpenTicket? ticket, HttpContext context, RequestDelegate next)
    {
        if (ticket is null)
        {
            return Refuse(context, CallerContext.NoCaller);
        }

        var method = context.Request.Path.Value ?? "";
        if (!method.StartsWith(GrpcsOwn, StringComparison.Ordinal) && !ticket.MayCall(method))
        {
            var issuer = ticket.Caller.Subject[Tickets.ServiceSubject.Length..];
            return Refuse(context, new Failure(
                FailureKind.Forbidden,
                "service_not_allowed",
                $"The service {issuer} may not call {method.TrimStart('/')} on its own account: Tickets:Issuers:{issuer}:Calls does not name it."));
        }

        context.User = ticket.Principal;
        return next(context);
    }

    private static Task Refuse(HttpContext context, Failure failure)
    {
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) is true)
        {
            context.Response.Refuse(failure.ToRpcException());
        }
        else
        {
            context.Response.StatusCode = failure.Kind is FailureKind.Forbidden ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized;
        }

        return Task.CompletedTask;
    }
}
