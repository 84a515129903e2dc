using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho.Crm;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Tests.Zoho.Crm;

/// <summary>One call of each operation, as services make it.</summary>
internal static class CrmOperations
{
    public const string Record = "7001000000000111";

    private static readonly CrmChannel Channel = new(
        "1000000068001", ["Leads.edit", "Leads.delete"], new Uri("https://hooks.example/crm"), "fake-channel-token",
        new DateTimeOffset(2026, 12, 3, 12, 0, 0, TimeSpan.Zero));

    public static IReadOnlyDictionary<CrmMethod, Func<CrmClient, ProviderCall, Task<Failure?>>> All { get; } =
        new Dictionary<CrmMethod, Func<CrmClient, ProviderCall, Task<Failure?>>>
        {
            [CrmMethods.GetRecord] = async (crm, call) => FailureOf(await crm.GetRecordAsync(call, "Leads", Record, ["Last_Name"], default)),
            [CrmMethods.ListRecords] = async (crm, call) => FailureOf(await crm.ListRecordsAsync(
                call, "Leads", new CrmListing(["Last_Name"]) { SortBy = "Modified_Time", Converted = CrmConverted.Both }, null, default)),
            [CrmMethods.ListDeleted] = async (crm, call) => FailureOf(await crm.ListDeletedAsync(call, "Leads", CrmDeletion.All, null, 1, default)),
            [CrmMethods.Search] = async (crm, call) => FailureOf(await crm.SearchAsync(
                call, "Leads", CrmSearch.ByEmail("ada@example.com"), ["Last_Name"], CrmConverted.Both, 1, default)),
            [CrmMethods.Query] = async (crm, call) => FailureOf(await crm.QueryAsync(call, new CrmQuery("Leads", ["Last_Name"]), default)),
            [CrmMethods.Insert] = async (crm, call) => FailureOf(await crm.InsertAsync(call, "Leads", [Lead()], runsWorkflows: false, default)),
            [CrmMethods.UpdateRecords] = async (crm, call) => FailureOf(await crm.UpdateAsync(
                call, "Leads", [Lead(Record)], runsWorkflows: true, default)),
            [CrmMethods.Upsert] = async (crm, call) => FailureOf(await crm.UpsertAsync(
                call, "Leads", [Lead()], ["Email"], runsWorkflows: true, default)),
            [CrmMethods.DeleteRecords] = async (crm, call) => FailureOf(await crm.DeleteAsync(call, "Leads", [Record], runsWorkflows: false, default)),
            [CrmMethods.AddTags] = async (crm, call) => FailureOf(await crm.AddTagsAsync(call, "Leads", [Record], ["vip"], default)),
            [CrmMethods.RemoveTags] = async (crm, call) => FailureOf(await crm.RemoveTagsAsync(call, "Leads", [Record], ["vip"], default)),
            [CrmMethods.Convert] = async (crm, call) => FailureOf(await crm.ConvertLeadAsync(
                call, Record, new CrmConversion { ContactId = "7001000000000301" }, default)),
            [CrmMethods.CreateNotes] = async (crm, call) => FailureOf(await crm.CreateNotesAsync(
                call, "Leads", Record, [new CrmNoteDraft("Title", "Content")], default)),
            [CrmMethods.CreateNotesOfMany] = async (crm, call) => FailureOf(await crm.CreateNotesAsync(
                call, [("Leads", Record, new CrmNoteDraft("Title", "Content"))], default)),
            [CrmMethods.ListNotes] = async (crm, call) => FailureOf(await crm.ListNotesAsync(call, "Leads", Record, 1, default)),
            [CrmMethods.UpdateNotes] = async (crm, call) => FailureOf(await crm.UpdateNotesAsync(
                call, [(Record, new CrmNoteDraft("Title", "Content"))], default)),
            [CrmMethods.DeleteNotes] = async (crm, call) => FailureOf(await crm.DeleteNotesAsync(call, [Record], default)),
            [CrmMethods.CreateCalls] = async (crm, call) => FailureOf(await crm.CreateCallAsync(
                call,
                new CrmPhoneCall("Call", CrmCallDirection.Inbound, StartTime, TimeSpan.FromSeconds(75), "Leads", Record),
                default)),
            [CrmMethods.Modules] = async (crm, call) => FailureOf(await crm.GetModulesAsync(call, default)),
            [CrmMethods.Fields] = async (crm, call) => FailureOf(await crm.GetFieldsAsync(call, "Leads", default)),
            [CrmMethods.Layouts] = async (crm, call) => FailureOf(await crm.GetLayoutsAsync(call, "Leads", default)),
            [CrmMethods.Organization] = async (crm, call) => FailureOf(await crm.GetOrganizationAsync(call, default)),
            [CrmMethods.Users] = async (crm, call) => FailureOf(await crm.ListUsersAsync(call, CrmUserKind.Active, 1, default)),
            [CrmMethods.Watch] = async (crm, call) => FailureOf(await crm.WatchAsync(call, Channel, default)),
            [CrmMethods.ChangeWatch] = async (crm, call) => FailureOf(await crm.ProlongWatchAsync(
                call, Channel.Id, Channel.Events, Channel.ExpiresAt, default)),
            [CrmMethods.ListWatches] = async (crm, call) => FailureOf(await crm.GetWatchAsync(call, Channel.Id, default)),
            [CrmMethods.Unwatch] = async (crm, call) => FailureOf(await crm.UnwatchAsync(call, [Channel.Id], default)),
            [CrmMethods.CreateBulkRead] = async (crm, call) => FailureOf(await crm.StartBulkReadAsync(
                call,
                new CrmBulkQuery("Leads", ["Last_Name"])
                {
                    Where = CrmBulkCriteria.All(CrmBulkCriteria.Equal("Last_Name", "Doe"), CrmBulkCriteria.After("Modified_Time", StartTime)),
                    Callback = new Uri("https://hooks.example/bulk"),
                },
                default)),
            [CrmMethods.GetBulkRead] = async (crm, call) => FailureOf(await crm.GetBulkReadAsync(call, Record, default)),
            [CrmMethods.DownloadBulkRead] = async (crm, call) => FailureOf(await crm.DownloadBulkReadAsync(call, Record, default)),
        };

    public static DateTimeOffset StartTime { get; } = new(2026, 3, 4, 8, 15, 0, TimeSpan.FromHours(3));

    public static JsonObject Lead(string? id = null)
    {
        var lead = new JsonObject { ["Last_Name"] = "Doe", ["Email"] = "ada@example.com" };
        if (id is not null)
        {
            lead["id"] = id;
        }

        return lead;
    }

    public static Failure? FailureOf<T>(Result<T> result)
        where T : notnull => result.Succeeded(out _, out var failure) ? null : failure;
}
