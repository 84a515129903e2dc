using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Control;
using ZohoPlatform.Simulator.Crm.Merging;
using ZohoPlatform.Simulator.Crm.Records;

namespace ZohoPlatform.Simulator.Crm.Control;

/// <summary>
/// A module's records: invented from a seed; edited, deleted and merged at random within one second; one value set; and the truth, against
/// which a copy is compared.
/// </summary>
internal static class RecordControls
{
    private const int MostGenerated = 1_000_000;
    private const int MostShown = 10_000;

    public static void MapCrmRecords(this IEndpointRouteBuilder controls)
    {
        var records = controls.MapGroup("/crm/{dataCentre}/{module}");
        records.MapPost("/generated-records", Generate);
        records.MapPost("/edited-records", Edit);
        records.MapPost("/deleted-records", Delete);
        records.MapPost("/restored-records", Restore);
        records.MapPost("/merged-records", Merge);
        records.MapGet("/records", Truth);
        records.MapPut("/records/{id:long}", Set);
    }

    private static IResult Generate(CrmSite site, string module, Body<GenerateOrder> body)
    {
        var (count, seed, perSecond) = body.Value;
        if (count is not (>= 1 and <= MostGenerated))
        {
            return ControlProblem.Of("count", $"Between 1 and {MostGenerated}.");
        }

        if (perSecond is < 1)
        {
            return ControlProblem.Of("per_second", "At least 1.");
        }

        return site.Run(module, (organisation, found, now) =>
        {
            new CrmGenerator(organisation, found, seed ?? 1).Add(count.Value, perSecond ?? 10, CrmSite.Actor(organisation), now);
            return Results.Json(OrganisationControls.Describe(found), statusCode: StatusCodes.Status201Created);
        });
    }

    private static IResult Edit(CrmSite site, string module, Body<PickOrder> body) =>
        Pick(site, module, body, (organisation, found, generator, now) =>
    {
        var picked = generator.Pick(body.Value.Count!.Value);
        foreach (var record in picked)
        {
            var (field, value) = generator.Edit(record);
            Change(site, organisation, found, record, new() { [field] = value }, now);
        }

        return picked;
    });

    private static IResult Delete(CrmSite site, string module, Body<PickOrder> body) =>
        Pick(site, module, body, (organisation, found, generator, now) =>
    {
        var picked = generator.Pick(body.Value.Count!.Value);
        foreach (var record in picked)
        {
            found.Delete(record, CrmSite.Actor(organisation), now, body.Value.Permanent ?? false);
            organisation.Tell(found, record, ChangeKind.Delete, []);
        }

        return picked;
    });

    private static IResult Restore(CrmSite site, string module, Body<PickOrder> body) =>
        Pick(site, module, body, (organisation, found, _, now) =>
    {
        var picked = found.Deleted.Where(deleted => !DeletedOperations.IsPermanent(deleted, now)).OrderBy(deleted => deleted.Record.Id)
            .Take(body.Value.Count!.Value).ToList();
        foreach (var deleted in picked)
        {
            found.Restore(deleted, CrmSite.Actor(organisation), now);
            organisation.Tell(found, deleted.Record, ChangeKind.Edit, []);
        }

        return [.. picked.Select(deleted => deleted.Record)];
    });

    /// <summary>So many merges of one record into another; told are those that are gone.</summary>
    private static IResult Merge(CrmSite site, string module, Body<PickOrder> body) =>
        Pick(site, module, body, (organisation, found, generator, now) =>
    {
        var picked = generator.Pick(2 * body.Value.Count!.Value);
        var gone = new List<CrmRecord>();
        for (var i = 0; i + 1 < picked.Count; i += 2)
        {
            MergeOperations.Do(organisation, found, picked[i], [(picked[i + 1], [])], CrmSite.Actor(organisation), now, site.Settings);
            gone.Add(picked[i + 1]);
        }

        return gone;
    });

    private static IResult Pick(
        CrmSite site, string module, Body<PickOrder> body,
        Func<CrmOrganisation, CrmModule, CrmGenerator, DateTimeOffset, IReadOnlyList<CrmRecord>> run) =>
        body.Value.Count is not (>= 1 and <= MostGenerated)
            ? ControlProblem.Of("count", $"Between 1 and {MostGenerated}.")
            : site.Run(module, (organisation, found, now) => Results.Json(new PickedRecords(
                now, [.. run(organisation, found, new(organisation, found, body.Value.Seed ?? 1), now)
                    .Select(record => CrmOrganisation.Text(record.Id))])));

    /// <summary>The record with that id gets these values, unchecked but for their names; others stay.</summary>
    private static IResult Set(CrmSite site, string module, long id, Body<JsonObject> body) =>
        site.Run(module, (organisation, found, now) =>
    {
        if (found.Find(id) is not { } record)
        {
            return Results.Json(new ControlProblem("id", $"There is no record {id}."), statusCode: StatusCodes.Status404NotFound);
        }

        var values = new Dictionary<CrmField, object?>();
        foreach (var (name, value) in body.Value)
        {
            if (found.FindField(name) is not { Read: null } field)
            {
                return ControlProblem.Of(name, "There is no such field, or it cannot be set.");
            }

            var text = value?.ToString();
            values[field] = text is null ? null : field.Type switch
            {
                FieldType.Integer => CrmOrganisation.TryId(text, out var number) ? number : null,
                FieldType.Lookup => field.LookupModule is { } target && CrmOrganisation.TryId(text, out var to)
                    ? new LookupValue(target, to) : null,
                FieldType.MultiSelectPicklist => text.Split(';'),
                _ => CrmComparison.Literal(field, text),
            };
            if (values[field] is null && text is not null)
            {
                return ControlProblem.Of(name, $"It is no {field.DataType}.");
            }
        }

        Change(site, organisation, found, record, values, now);
        return Results.Json(RecordJson.Whole(organisation, found, record));
    });

    /// <summary>All records as the source has them, by id, ten thousand at a time, converted leads among them.</summary>
    private static IResult Truth(CrmSite site, string module, long? after, int? limit, string? fields) => limit is < 1 or > MostShown
        ? ControlProblem.Of("limit", $"Between 1 and {MostShown}.")
        : site.Run(module, (organisation, found, _) =>
        {
            var names = fields?.Split(',', StringSplitOptions.TrimEntries) ?? [.. found.Fields.Select(field => field.ApiName)];
            var rows = found.Order("id").GetViewBetween(new(default, (after ?? 0) + 1), Place.Last).Take(limit ?? MostShown)
                .Select(place => found.Find(place.Id)!)
                .ToList();
            return Results.Json(new JsonObject
            {
                ["records"] = found.Records.Count,
                ["data"] = new JsonArray([.. rows.Select(record =>
                {
                    var json = RecordJson.InList(organisation, found, record, names);
                    foreach (var name in names.Where(name => found.FindField(name) is { Type: FieldType.RichText }))
                    {
                        json[name] = RecordJson.Value(organisation, found.FindField(name)!.Of(record));
                    }

                    json["$converted"] = record.Conversion is not null;
                    return (JsonNode)json;
                })]),
            });
        });

    private static void Change(
        CrmSite site, CrmOrganisation organisation, CrmModule module, CrmRecord record, Dictionary<CrmField, object?> values,
        DateTimeOffset now)
    {
        module.Change(record, values, CrmSite.Actor(organisation), now, site.Settings.IndexDelay);
        organisation.Tell(module, record, ChangeKind.Edit, values.Keys);
    }

    private sealed record GenerateOrder(int? Count, int? Seed, int? PerSecond);

    private sealed record PickOrder(int? Count, int? Seed, bool? Permanent);
}

/// <summary>Which records were changed, all in the same second.</summary>
internal sealed record PickedRecords(DateTimeOffset At, IReadOnlyList<string> Ids);
