using Microsoft.AspNetCore.Mvc;
using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.Campaigns;
using ZohoPlatform.Simulator.Traffic;

namespace ZohoPlatform.Simulator.Control;

/// <summary>Make calls fail, be slow, or hang; take the whole provider down.</summary>
internal static class FaultControls
{
    private const string ErrorPage =
        "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr><center>ZGS</center></body></html>";
    private const string HtmlType = "text/html;charset=UTF-8";
    private const int LongestDelay = 600_000;
    private const double LongestWait = 120;

    public static void MapFaults(this IEndpointRouteBuilder controls)
    {
        controls.MapGet("/faults", (FaultPlan faults) => faults.All().Select(Describe));
        controls.MapPost("/faults", Add);
        controls.MapGet("/faults/{id:int}", Show);
        controls.MapPost("/faults/{id:int}/release", Release);
        controls.MapDelete("/faults/{id:int}", (int id, FaultPlan faults) => faults.Remove(id) ? Results.NoContent() : NoFault(id));
        controls.MapDelete("/faults", (FaultPlan faults) => faults.Clear());
        controls.MapGet("/down", (Outage outage) => new OutageState(outage.Mode));
        controls.MapPut("/down", SetOutage);
        controls.MapDelete("/trouble", EndTrouble);
    }

    public static FaultState Describe(Fault fault) => new(
        fault.Id, fault.Kind, fault.Host, fault.Path, fault.Method, fault.Times, fault.Hits, fault.Waiting,
        fault.Kind is FaultKind.Status ? fault.StatusCode : null, fault.Kind is FaultKind.Latency ? fault.Delay.TotalMilliseconds : null);

    private static void EndTrouble(Outage outage, FaultPlan faults, MethodQuotas quotas)
    {
        outage.Set(OutageMode.Up);
        faults.Clear();
        quotas.Reset();
    }

    private static IResult Add(Body<FaultOrder> body, FaultPlan faults, SettingsStore settings)
    {
        var order = body.Value;
        if (order.Kind is not { } kind)
        {
            return ControlProblem.Of(
                "kind", "One of status, throttle, html502, html500, empty, malformed_json, reset, answer_lost, hang, latency.");
        }

        if (order.Times is < 1)
        {
            return ControlProblem.Of("times", "At least 1; leave it out for every call until the fault is removed.");
        }

        if (order.Host is "")
        {
            return ControlProblem.Of("host", "A host or a pattern such as accounts.*; leave it out for every host.");
        }

        if (order.Path is { } path && !path.StartsWith('/') && !path.StartsWith('*'))
        {
            return ControlProblem.Of("path", "A path that begins with / or *; leave it out for every path.");
        }

        if (kind is FaultKind.Status && order.Status is not (>= 200 and <= 599))
        {
            return ControlProblem.Of("status", "A status between 200 and 599.");
        }

        if (kind is FaultKind.Latency && order.Milliseconds is not (>= 0 and <= LongestDelay))
        {
            return ControlProblem.Of("milliseconds", "Between 0 and 600000.");
        }

        var (status, contentType, text) = kind switch
        {
            FaultKind.Status => (order.Status!.Value, order.ContentType ?? AccountsAnswer.JsonType, order.Body ?? ""),
            FaultKind.Throttle => (
                settings.Current.ThrottleStatus, AccountsAnswer.JsonType, AccountsAnswer.ThrottleBody(settings.Current.ThrottleLocalised)),
            FaultKind.Html502 => (502, HtmlType, ErrorPage.Replace("{0}", "502 Bad Gateway", StringComparison.Ordinal)),
            FaultKind.Html500 => (500, HtmlType, ErrorPage.Replace("{0}", "500 Internal Server Error", StringComparison.Ordinal)),
            FaultKind.MalformedJson => (200, AccountsAnswer.JsonType, "{\"status\":\"succ"),
            FaultKind.Empty or FaultKind.Reset or FaultKind.AnswerLost or FaultKind.Hang or FaultKind.Latency =>
                (200, AccountsAnswer.JsonType, ""),
        };
        var fault = faults.Add(id => new(id, kind, order.Host ?? "*", order.Path ?? "*", order.Method, order.Times)
        {
            StatusCode = status,
            ContentType = contentType,
            Body = text,
            Delay = TimeSpan.FromMilliseconds(order.Milliseconds ?? 0),
        });
        return Results.Json(Describe(fault), statusCode: StatusCodes.Status201Created);
    }

    /// <summary>With <c>hits</c>: answers when the fault has met that many calls, or 504 when the time is up.</summary>
    private static async Task<IResult> Show(
        int id, int? hits, [FromQuery(Name = "timeout_seconds")] double? timeoutSeconds, FaultPlan faults,
        CancellationToken cancellationToken)
    {
        if (faults.Find(id) is not { } fault)
        {
            return NoFault(id);
        }

        if (timeoutSeconds is < 0 or > LongestWait)
        {
            return ControlProblem.Of("timeout_seconds", "Between 0 and 120.");
        }

        var met = await faults.WaitForHitsAsync(fault, hits ?? 0, TimeSpan.FromSeconds(timeoutSeconds ?? 10), cancellationToken);
        return Results.Json(Describe(fault), statusCode: met ? StatusCodes.Status200OK : StatusCodes.Status504GatewayTimeout);
    }

    private static IResult Release(int id, FaultPlan faults)
    {
        if (faults.Find(id) is not { } fault)
        {
            return NoFault(id);
        }

        fault.Release();
        return Results.Json(Describe(fault));
    }

    private static IResult SetOutage(Body<OutageOrder> body, Outage outage)
    {
        if (body.Value.Mode is not { } mode)
        {
            return ControlProblem.Of("mode", "One of up, unavailable, silent.");
        }

        outage.Set(mode);
        return Results.Json(new OutageState(mode));
    }

    private static IResult NoFault(int id) =>
        Results.Json(new ControlProblem("id", $"There is no fault {id}."), statusCode: StatusCodes.Status404NotFound);

    private sealed record FaultOrder(
        FaultKind? Kind, string? Host, string? Path, string? Method, int? Times, int? Status, string? Body, string? ContentType,
        int? Milliseconds);

    private sealed record OutageOrder(OutageMode? Mode);
}

internal sealed record FaultState(
    int Id, FaultKind Kind, string Host, string Path, string? Method, int? Times, int Hits, int Waiting, int? Status, double? Milliseconds);

internal sealed record OutageState(OutageMode Mode);
