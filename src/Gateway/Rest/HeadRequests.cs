using ZohoPlatform.Gateway.Rest.Problems;

namespace ZohoPlatform.Gateway.Rest;

/// <summary>
/// HEAD wherever GET is, but where an answer has no length of its own (events, downloads) or to ask is to do something (a link is used, a token
/// handed out): it is worked out as for GET, and the server leaves the body out. OPTIONS says what an address takes.
/// </summary>
internal static class HeadRequests
{
    private sealed class HeadAsked;

    extension(IApplicationBuilder app)
    {
        /// <summary>Before routing, which knows GET alone.</summary>
        public void UseHeadAsGet() => app.Use(async (context, next) =>
        {
            if (!HttpMethods.IsHead(context.Request.Method))
            {
                await next(context);
                return;
            }

            context.Request.Method = HttpMethods.Get;
            context.Features.Set(new HeadAsked());
            try
            {
                await next(context);
            }
            finally
            {
                // the log tells what was asked for
                context.Request.Method = HttpMethods.Head;
            }
        });

        /// <summary>Behind it.</summary>
        public void RefuseHeadWhereGetAlone() => app.Use((context, next) =>
        {
            var metadata = context.GetEndpoint()?.Metadata;
            if (context.Features.Get<HeadAsked>() is null
                || (metadata?.GetMetadata<EventStream>() is null
                    && metadata?.GetMetadata<DoesSomething>() is null
                    && metadata?.GetMetadata<Download>()?.IsAskedFor(context.Request) is not true))
            {
                return next(context);
            }

            context.Response.Headers.Allow = HttpMethods.Get;
            return BareStatuses.Of(StatusCodes.Status405MethodNotAllowed).ExecuteAsync(context);
        });
    }

    /// <summary>What routing refuses for its method: what the address takes is said in full, and is the answer to OPTIONS.</summary>
    public static Task AnswerAsync(HttpContext context)
    {
        var allowed = context.Response.Headers.Allow.ToString().Split(", ", StringSplitOptions.RemoveEmptyEntries).ToList();
        if (allowed.Contains(HttpMethods.Get, StringComparer.Ordinal))
        {
            allowed.Add(HttpMethods.Head);
        }

        context.Response.Headers.Allow = string.Join(", ", allowed.Append(HttpMethods.Options).Order(StringComparer.Ordinal));
        if (!HttpMethods.IsOptions(context.Request.Method))
        {
            return BareStatuses.Of(StatusCodes.Status405MethodNotAllowed).ExecuteAsync(context);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}

/// <summary>Marks a GET that has an effect: scanners of mail and previews ask with HEAD for what nobody has opened.</summary>
internal sealed class DoesSomething;
