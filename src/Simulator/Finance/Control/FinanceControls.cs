using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Control;
using ZohoPlatform.Simulator.Finance.Limits;

namespace ZohoPlatform.Simulator.Finance.Control;

/// <summary>An organisation of Zoho Finance and its rows: plan, zone, custom fields; invented, edited and deleted rows; the truth.</summary>
internal static class FinanceControls
{
    private const int MostGenerated = 1_000_000;
    private const int MostLines = 20;
    private const int MostShown = 10_000;
    private const int LongestName = 50;

    private static readonly string[] DataTypes = ["string", "number", "date", "check_box", "lookup"];

    public static void MapFinanceControls(this IEndpointRouteBuilder controls)
    {
        var finance = controls.MapGroup("/finance/{dataCentre}");
        finance.MapGet("", (FinanceSite site) => site.Run((organisation, now) => Results.Json(Describe(organisation, now))));
        finance.MapPatch("", ChangeZone);
        finance.MapPost("/organisations", AddOrganisation);
        finance.MapPut("/plan", ChangePlan);
        finance.MapPost("/{entity}/custom-fields", AddCustomField);
        finance.MapPost("/{entity}/generated-rows", Generate);
        finance.MapPost("/{entity}/edited-rows", Edit);
        finance.MapPost("/{entity}/deleted-rows", Delete);
        finance.MapPut("/{entity}/edits-between-pages", EditBetweenPages);
        finance.MapGet("/{entity}/rows", Truth);
    }

    private static IResult ChangeZone(FinanceSite site, Body<ZoneOrder> body) => site.Run((organisation, now) =>
    {
        if (body.Value.TimeZone is not { } id || !TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone))
        {
            return NoZone();
        }

        organisation.Zone = zone;
        return Results.Json(Describe(organisation, now));
    });

    private static IResult AddOrganisation(FinanceSite site, Body<OrganisationOrder> body) => site.Run((first, now) =>
    {
        var (name, timeZone, currency, planName) = body.Value;
        if (string.IsNullOrWhiteSpace(name))
        {
            return ControlProblem.Of("name", "Must not be empty.");
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone ?? first.Zone.Id, out var zone))
        {
            return NoZone();
        }

        if (currency is not (null or { Length: 3 }))
        {
            return ControlProblem.Of("currency_code", "Three letters such as EUR.");
        }

        if (FinancePlan.Find(planName ?? "Professional") is not { } plan)
        {
            return NoPlan();
        }

        var added = site.Services.Organisations.Add(site.Account!, name, zone, currency ?? first.Currency, plan);
        return Results.Json(Describe(added, now), statusCode: StatusCodes.Status201Created);
    });

    private static IResult ChangePlan(FinanceSite site, Body<PlanOrder> body) => site.Run((organisation, now) =>
    {
        var (name, perDay, perMinute, concurrency) = body.Value;
        if ((name is null ? organisation.Limits.Plan : FinancePlan.Find(name)) is not { } plan)
        {
            return NoPlan();
        }

        foreach (var (field, value) in new[] { ("calls_per_day", perDay), ("calls_per_minute", perMinute), ("concurrency", concurrency) })
        {
            if (value < 0)
            {
                return ControlProblem.Of(field, "At least 0.");
            }
        }

        organisation.Limits.Plan = plan with
        {
            CallsPerDay = perDay ?? plan.CallsPerDay,
            CallsPerMinute = perMinute ?? plan.CallsPerMinute,
            Concurrency = concurrency ?? plan.Concurrency,
        };
        return Results.Json(Describe(organisation, now));
    });

    private static IResult AddCustomField(FinanceSite site, string entity, Body<CustomFieldOrder> body) =>
        site.Run(entity, (organisation, table, _) =>
    {
        var (label, apiName, dataType, noDuplicates) = body.Value;
        if (label is not { Length: > 0 and <= LongestName })
        {
            return ControlProblem.Of("label", $"Between 1 and {LongestName} characters.");
        }

        apiName ??= "cf_" + new string([.. label.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_')]);
        if (!apiName.StartsWith("cf_", StringComparison.Ordinal) || organisation.CustomFieldsOf(table.Entity).Any(known => known.ApiName == apiName))
        {
            return ControlProblem.Of("api_name", "Begins with cf_, and no field of the entity has it.");
        }

        if (!DataTypes.Contains(dataType ?? "string", StringComparer.Ordinal))
        {
            return ControlProblem.Of("data_type", $"One of {string.Join(", ", DataTypes)}.");
        }

        var field = new FinanceCustomField(
            organisation.NextId(), organisation.CustomFieldsOf(table.Entity).Count() + 1, table.Entity.Name, label, apiName, dataType ?? "string",
            noDuplicates ?? false);
        organisation.CustomFields.Add(field);
        return Results.Json(
            new FinanceFieldState(FinanceOrganisation.Text(field.Id), field.Label, field.ApiName, field.DataType, field.IsUnique),
            statusCode: StatusCodes.Status201Created);
    });

    private static IResult Generate(FinanceSite site, string entity, Body<GenerateOrder> body)
    {
        var (count, seed, lines, perSecond) = body.Value;
        if (count is not (>= 1 and <= MostGenerated))
        {
            return ControlProblem.Of("count", $"Between 1 and {MostGenerated}.");
        }

        if (lines is < 1 or > MostLines)
        {
            return ControlProblem.Of("lines", $"Between 1 and {MostLines}.");
        }

        if (perSecond is < 1)
        {
            return ControlProblem.Of("per_second", "At least 1.");
        }

        return site.Run(entity, (organisation, table, now) =>
        {
            if (table.Generated is not null)
            {
                return ControlProblem.Of("count", $"There are generated {entity} already; a reset ends them.");
            }

            var linesOfEach = table.Entity.HasLines ? lines ?? 1 : 0;
            table.Add(new GeneratedRows(
                table.Entity, organisation.TakeIds(count.Value * (1L + linesOfEach)), organisation.TakeNumbers(table.Entity, count.Value),
                count.Value, seed ?? 1, linesOfEach, perSecond ?? 10, now, organisation.Currency,
                TargetsOf(organisation, FinanceEntities.Contacts), TargetsOf(organisation, FinanceEntities.Items)));
            return Results.Json(Describe(table), statusCode: StatusCodes.Status201Created);
        });
    }

    private static GeneratedTargets TargetsOf(FinanceOrganisation organisation, FinanceEntity entity) =>
        organisation.Table(entity) is var table && table.Generated is { } block ? new(block, []) : new(null, [.. table.Kept]);

    private static IResult Edit(FinanceSite site, string entity, Body<PickOrder> body) =>
        Pick(site, entity, body, RowChanges.Edit);

    private static IResult Delete(FinanceSite site, string entity, Body<PickOrder> body) =>
        Pick(site, entity, body, (table, count, random, _) => RowChanges.Delete(table, count, random));

    private static IResult Pick(
        FinanceSite site, string entity, Body<PickOrder> body, Func<FinanceTable, int, Random, DateTimeOffset, List<FinanceRow>> run) =>
        body.Value.Count is not (>= 1 and <= MostGenerated)
            ? ControlProblem.Of("count", $"Between 1 and {MostGenerated}.")
            : site.Run(entity, (_, table, now) => Results.Json(new PickedRows(
                now, [.. run(table, body.Value.Count.Value, new Random(body.Value.Seed ?? 1), now)
                    .Select(row => FinanceOrganisation.Text(row.Id))])));

    private static IResult EditBetweenPages(FinanceSite site, string entity, Body<BetweenOrder> body)
    {
        var (count, deleted, calls, seed) = body.Value;
        foreach (var (field, value) in new[] { ("count", count), ("deleted", deleted), ("calls", calls) })
        {
            if (value is < 0 or > MostShown)
            {
                return ControlProblem.Of(field, $"Between 0 and {MostShown}.");
            }
        }

        return site.Run(entity, (organisation, table, _) =>
        {
            organisation.Edits[entity] = new(count ?? 0, deleted ?? 0, calls ?? 1, new Random(seed ?? 1));
            return Results.Json(Describe(table));
        });
    }

    /// <summary>All rows as they are, by id, in the shape of details.</summary>
    private static IResult Truth(FinanceSite site, string entity, long? after, int? limit) => limit is < 1 or > MostShown
        ? ControlProblem.Of("limit", $"Between 1 and {MostShown}.")
        : site.Run(entity, (organisation, table, _) => Results.Json(new JsonObject
        {
            ["rows"] = table.Count,
            ["data"] = new JsonArray([.. table.IdsAfter(after ?? 0, limit ?? MostShown)
                .Select(id => FinanceJson.InDetail(organisation, table.Find(id)!, Products.Inventory))]),
        }));

    private static IResult NoZone() => ControlProblem.Of("time_zone", "A zone such as Europe/Madrid.");

    private static IResult NoPlan() => ControlProblem.Of("plan", $"One of {string.Join(", ", FinancePlan.All.Select(plan => plan.Name))}.");

    private static FinanceTableState Describe(FinanceTable table) => new(table.Entity.Name, table.Count);

    private static FinanceState Describe(FinanceOrganisation organisation, DateTimeOffset now) => new(
        organisation.Id, organisation.Name, organisation.Zone.Id, organisation.Currency, organisation.Limits.Use(now, organisation.Zone),
        [.. organisation.Tables.Select(Describe)]);

    private sealed record ZoneOrder(string? TimeZone);

    private sealed record OrganisationOrder(string? Name, string? TimeZone, string? CurrencyCode, string? Plan);

    private sealed record PlanOrder(string? Plan, int? CallsPerDay, int? CallsPerMinute, int? Concurrency);

    private sealed record CustomFieldOrder(string? Label, string? ApiName, string? DataType, bool? NoDuplicates);

    private sealed record GenerateOrder(int? Count, int? Seed, int? Lines, int? PerSecond);

    private sealed record PickOrder(int? Count, int? Seed);

    private sealed record BetweenOrder(int? Count, int? Deleted, int? Calls, int? Seed);
}

internal sealed record FinanceState(
    long OrganisationId, string Name, string TimeZone, string CurrencyCode, FinanceUse Use, IReadOnlyList<FinanceTableState> Entities);

internal sealed record FinanceTableState(string Entity, int Rows);

internal sealed record FinanceFieldState(string CustomfieldId, string Label, string ApiName, string DataType, bool NoDuplicates);

/// <summary>Which rows were changed, all in the same second.</summary>
internal sealed record PickedRows(DateTimeOffset At, IReadOnlyList<string> Ids);
