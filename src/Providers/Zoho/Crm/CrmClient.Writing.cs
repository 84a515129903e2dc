using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

public sealed partial class CrmClient
{
    private const int MostCheckFields = 10;

    /// <summary>
    /// Makes 1 to <see cref="BatchSize"/> new records of their fields by API name. Never repeated: where no answer came it is
    /// <c>zoho_outcome_unknown</c>, and who made them has to look for them first. With <paramref name="runsWorkflows"/> false nothing that
    /// the organisation has set up (workflows, approvals, blueprints) begins.
    /// </summary>
    /// <remarks>
    /// A record without <c>Layout</c> is held against what the system demands; with <c>{"Layout":{"id":".."}}</c> against what that layout
    /// demands, and fields outside of it are ignored.
    /// </remarks>
    public Task<Result<CrmWritten[]>> InsertAsync(
        ProviderCall call, string module, IReadOnlyList<JsonObject> records, bool runsWorkflows, CancellationToken cancellationToken) =>
        WriteAsync(call, Of(CrmMethods.Insert, module, records, runsWorkflows), CrmAction.Inserted, cancellationToken);

    /// <summary>Changes 1 to <see cref="BatchSize"/> records, each with its <c>id</c> and the fields that change.</summary>
    public Task<Result<CrmWritten[]>> UpdateAsync(
        ProviderCall call, string module, IReadOnlyList<JsonObject> records, bool runsWorkflows, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            CrmIds.Checked(record[Id] is JsonValue value && value.TryGetValue<string>(out var id) ? id : "", nameof(records));
        }

        return WriteAsync(call, Of(CrmMethods.UpdateRecords, module, records, runsWorkflows), CrmAction.Updated, cancellationToken);
    }

    /// <summary>
    /// Makes records or changes those that have the same value in one of <paramref name="checkFields"/>, which are looked at in order: the
    /// system's own (<c>Email</c> of leads and contacts, <c>Name</c> of modules of one's own) and those that are marked unique. A record
    /// needs a value in one of them, else there would be a new one each time. Tasks, calls and events have no upsert.
    /// </summary>
    /// <remarks>
    /// Of two calls that make the same unique value at once Zoho refuses one: it is sent again once, and then changes the record. Where the
    /// field is not unique both may make one: let no two calls run for one person.
    /// </remarks>
    public async Task<Result<CrmWritten[]>> UpsertAsync(
        ProviderCall call, string module, IReadOnlyList<JsonObject> records, IReadOnlyList<string> checkFields, bool runsWorkflows,
        CancellationToken cancellationToken)
    {
        CrmBounds.Check(checkFields.Count, 1, MostCheckFields);
        for (var i = 0; i < records.Count; i++)
        {
            if (!checkFields.Any(field => IsSet(records[i][field])))
            {
                return Failure.InvalidField(
                    checkFields[0],
                    $"Record {Text(i + 1)} has no value in {string.Join(" or ", checkFields)}, by which Zoho CRM would find it: give it one.");
            }
        }

        if (!(await UpsertOnceAsync(records)).Succeeded(out var written, out var failure))
        {
            return failure;
        }

        var lost = Enumerable.Range(0, written.Length).Where(i => written[i].Refusal is { Class: CrmCodeClass.Duplicate }).ToList();
        if (lost.Count > 0 && (await UpsertOnceAsync([.. lost.Select(i => records[i])])).Succeeded(out var again, out _))
        {
            for (var i = 0; i < lost.Count; i++)
            {
                written[lost[i]] = again[i];
            }
        }

        return written;

        Task<Result<CrmWritten[]>> UpsertOnceAsync(IReadOnlyList<JsonObject> batch)
        {
            var asked = Of(CrmMethods.Upsert, module, batch, runsWorkflows);
            asked.Body!["duplicate_check_fields"] = new JsonArray([.. checkFields.Select(field => (JsonNode)field)]);
            return WriteAsync(call, asked, CrmAction.Updated, cancellationToken);
        }
    }

    /// <summary>
    /// Puts 1 to <see cref="BatchSize"/> records into the recycle bin. One that is not there any more is refused as
    /// <see cref="CrmCodeClass.Gone"/>: what was wanted is so.
    /// </summary>
    public Task<Result<CrmWritten[]>> DeleteAsync(
        ProviderCall call, string module, IReadOnlyList<string> ids, bool runsWorkflows, CancellationToken cancellationToken) => WriteAsync(
        call,
        new CrmRequest(CrmMethods.DeleteRecords)
        {
            Module = module,
            Query = [("ids", CrmIds.Joined(ids, BatchSize)), ("wf_trigger", runsWorkflows ? "true" : "false")],
            Size = ids.Count,
        },
        CrmAction.Deleted,
        cancellationToken);

    private static bool IsSet(JsonNode? value) => value switch
    {
        null => false,
        JsonValue text when text.TryGetValue<string>(out var written) => written.Trim().Length > 0,
        _ => true,
    };

    private static CrmRequest Of(CrmMethod method, string module, IReadOnlyList<JsonObject> records, bool runsWorkflows)
    {
        CrmBounds.Check(records.Count, 1, BatchSize);
        var body = new JsonObject { ["data"] = new JsonArray([.. records.Select(record => record.DeepClone())]) };
        if (!runsWorkflows)
        {
            body["trigger"] = new JsonArray();
        }

        return new CrmRequest(method) { Module = module, Body = body, Size = records.Count };
    }

    /// <summary>
    /// What became of each record, also where all of them were refused with one word: a refusal of data is each record's, everything else
    /// is the call's.
    /// </summary>
    private async Task<Result<CrmWritten[]>> WriteAsync(
        ProviderCall call, CrmRequest asked, CrmAction action, CancellationToken cancellationToken)
    {
        if (!(await SendAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        if (answer.Refusal is not { } refusal)
        {
            return CrmWritten.Read(answer, asked, "data", asked.Size, action);
        }

        return IsOfData(refusal.Class) ? Enumerable.Repeat(new CrmWritten(null, null, refusal), asked.Size).ToArray() : refusal.Failure;
    }

    private static bool IsOfData(CrmCodeClass refused) => refused is CrmCodeClass.BadData or CrmCodeClass.Gone or CrmCodeClass.Duplicate
        or CrmCodeClass.Held or CrmCodeClass.Changed or CrmCodeClass.Converted;
}
