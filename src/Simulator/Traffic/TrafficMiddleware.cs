namespace ZohoPlatform.Simulator.Traffic;

/// <summary>Stands before every provider endpoint: outage, faults, the provider's headers, and the count at the end.</summary>
internal sealed class TrafficMiddleware(
    RequestDelegate next, Outage outage, FaultPlan faults, CallLedger calls, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private const string DownPage =
        "<html><head><title>Maintenance</title></head><body><h1>We are down for maintenance.</h1></body></html>";

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetRouteValue("host") is not string host)
        {
            await next(context);
            return;
        }

        var path = context.Request.Path.Value ?? "/";
        var call = new ProviderCall(host, path[(host.Length + 1)..]);
        call.Operation = context.GetEndpoint()?.Metadata.GetMetadata<Operation>()?.Name(context.Request.Method, call.Path);
        context.Features.Set(call);
        context.Response.Headers.Server = call.IsHubSpot ? "cloudflare" : "ZGS";
        // whoever reads what was changed since goes by the provider's clock and not by their own
        context.Response.Headers.Date = clock.GetUtcNow().ToString("R", System.Globalization.CultureInfo.InvariantCulture);

        var started = TimeProvider.System.GetTimestamp();
        try
        {
            await AnswerAsync(context, call);
        }
        catch (OperationCanceledException)
            when (context.RequestAborted.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested)
        {
            call.Outcome ??= "caller_left";
            context.Abort();
        }
        finally
        {
            var outcome = call.Outcome ?? context.Response.StatusCode.ToString(System.Globalization.CultureInfo.InvariantCulture);
            calls.Record(call, context.Request.Method, outcome, clock.GetUtcNow(), TimeProvider.System.GetElapsedTime(started));
        }
    }

    private async Task AnswerAsync(HttpContext context, ProviderCall call)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);

        switch (outage.Mode)
        {
            case OutageMode.Unavailable:
                call.Outcome = "unavailable";
                await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "text/html;charset=UTF-8", DownPage);
                return;
            case OutageMode.Silent:
                call.Outcome = "unanswered";
                await outage.UntilOverAsync(gone.Token);
                context.Abort();
                return;
            case OutageMode.Up:
                break;
        }

        foreach (var fault in faults.Take(call.Host, call.Path, context.Request.Method))
        {
            switch (fault.Kind)
            {
                case FaultKind.Latency:
                    await Task.Delay(fault.Delay, TimeProvider.System, gone.Token);
                    break;
                case FaultKind.Hang:
                    await fault.WaitAsync(gone.Token);
                    break;
                case FaultKind.Reset:
                    call.Outcome = "reset";
                    context.Abort();
                    return;
                case FaultKind.AnswerLost:
                    context.Response.Body = Stream.Null;
                    await next(context);
                    context.Abort();
                    return;
                case FaultKind.Status or FaultKind.Throttle or FaultKind.Html502 or FaultKind.Html500 or FaultKind.Empty
                    or FaultKind.MalformedJson:
                    call.Outcome = "fault";
                    await WriteAsync(context, fault.StatusCode, fault.ContentType, fault.Body);
                    return;
            }
        }

        await next(context);
    }

    private static Task WriteAsync(HttpContext context, int status, string contentType, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(body, context.RequestAborted);
    }
}
