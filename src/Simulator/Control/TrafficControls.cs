using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using ZohoPlatform.Simulator.Campaigns;
using ZohoPlatform.Simulator.Traffic;

namespace ZohoPlatform.Simulator.Control;

/// <summary>Calls that were made, quotas they count against, and the settings the provider answers by.</summary>
internal static class TrafficControls
{
    public static void MapTraffic(this IEndpointRouteBuilder controls)
    {
        controls.MapGet("/calls", Calls);
        controls.MapPost("/calls/reset", (CallLedger calls) => calls.Reset());
        controls.MapGet("/quotas", (MethodQuotas quotas) => Quotas(quotas));
        controls.MapPut("/quotas", ChangeQuota);
        controls.MapPost("/quotas/forget", (MethodQuotas quotas) => quotas.Forget());
        controls.MapGet("/settings", (SettingsStore settings) => settings.Current);
        controls.MapPatch("/settings", ChangeSettings);
    }

    public static QuotasState Quotas(MethodQuotas quotas)
    {
        var states = quotas.States();
        return new(quotas.Limits(), states, states.Sum(state => state.CallsWhileLocked));
    }

    private static CallsState Calls(string? operation, string? outcome, string? host, CallLedger calls, MethodQuotas quotas)
    {
        var counts = calls.Counts()
            .Where(row => operation is null || row.Operation == operation)
            .Where(row => outcome is null || row.Outcome == outcome)
            .Where(row => host is null || row.Host == host)
            .ToList();
        return new(counts.Sum(row => row.Count), Quotas(quotas).CallsWhileLocked, counts);
    }

    private static IResult ChangeQuota(Body<QuotaChange> body, MethodQuotas quotas)
    {
        var (method, windows, lockSeconds) = body.Value;
        if (method is null || !quotas.Limits().TryGetValue(method, out var known))
        {
            return ControlProblem.Of("method", $"One of {string.Join(", ", quotas.Limits().Keys)}.");
        }

        if (windows is { } given
            && (given.Count == 0 || given.Any(window => window is not { Calls: >= 0, Seconds: > 0 and <= 86_400 * 31 })))
        {
            return ControlProblem.Of("windows", "At least one, each with calls of 0 or more and seconds between 1 and a month.");
        }

        if (lockSeconds is < 0 or > 86_400 * 31)
        {
            return ControlProblem.Of("lock_seconds", "Between 0 and a month.");
        }

        var changed = new MethodQuota(windows ?? known.Windows, lockSeconds ?? known.LockSeconds);
        quotas.Change(method, changed);
        return Results.Json(changed);
    }

    private static IResult ChangeSettings(Body<JsonObject> body, SettingsStore settings, IOptions<JsonOptions> json)
    {
        var format = json.Value.SerializerOptions;
        var merged = JsonSerializer.SerializeToNode(settings.Current, format)!.AsObject();
        foreach (var (name, value) in body.Value)
        {
            if (!merged.ContainsKey(name))
            {
                return ControlProblem.Of(
                    name, $"There is no such setting; there are {string.Join(", ", merged.Select(setting => setting.Key))}.");
            }

            if (merged[name] is JsonObject group && value is JsonObject within)
            {
                foreach (var (inner, changedTo) in within)
                {
                    if (!group.ContainsKey(inner))
                    {
                        return ControlProblem.Of(
                            $"{name}.{inner}", $"There is no such setting; there are {string.Join(", ", group.Select(setting => setting.Key))}.");
                    }

                    group[inner] = changedTo?.DeepClone();
                }
            }
            else
            {
                merged[name] = value?.DeepClone();
            }
        }

        SimulatorSettings changed;
        try
        {
            changed = merged.Deserialize<SimulatorSettings>(format)!;
        }
        catch (JsonException e)
        {
            return ControlProblem.Of(e.Path?.TrimStart('$', '.') ?? "$", "It is of the wrong type.");
        }

        if ((Problem(changed, "") ?? Group(changed.Crm, "crm") ?? Group(changed.Finance, "finance")) is { } problem)
        {
            return problem;
        }

        settings.Current = changed;
        return Results.Json(changed);
    }

    private static IResult? Group(object? settings, string name) =>
        settings is null ? ControlProblem.Of(name, "Settings in braces.") : Problem(settings, $"{name}.");

    private static IResult? Problem(object settings, string before)
    {
        var problems = new List<ValidationResult>();
        return Validator.TryValidateObject(settings, new(settings), problems, validateAllProperties: true)
            ? null
            : ControlProblem.Of(before + JsonNamingPolicy.SnakeCaseLower.ConvertName(problems[0].MemberNames.First()), problems[0].ErrorMessage!);
    }

    private sealed record QuotaChange(string? Method, IReadOnlyList<QuotaWindow>? Windows, int? LockSeconds);
}

/// <summary>Calls by kind and outcome, how many in all, and how many were made against a locked method.</summary>
internal sealed record CallsState(long Total, long CallsWhileLocked, IReadOnlyList<CallCount> Calls);

internal sealed record QuotasState(IReadOnlyDictionary<string, MethodQuota> Limits, IReadOnlyList<QuotaState> Uses, long CallsWhileLocked);
