using System.Text.Json;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>A bulk read.</summary>
/// <param name="Id">Digits.</param>
/// <param name="State">How far it is.</param>
public sealed record CrmBulkJob(string Id, CrmBulkState State)
{
    /// <summary>How many records its file has; null until it is completed.</summary>
    public long? Count { get; init; }

    /// <summary>By what the next 200,000 are asked for, for 24 hours; null where there are no more, or it is not completed.</summary>
    public string? NextPageToken { get; init; }

    /// <summary>Why it failed; null where it did not, or Zoho does not say.</summary>
    public CrmRefusal? Refusal { get; init; }

    internal static CrmBulkJob? Read(JsonElement json, CrmRequest asked)
    {
        if (json.Text("id") is not { } id || !CrmIds.IsId(id))
        {
            return null;
        }

        // states are told with words that no page lists: who waits for one has an end of their own
        var state = (json.Text("state") ?? json.Text("status"))?.ToUpperInvariant() switch
        {
            "COMPLETED" => CrmBulkState.Completed,
            "FAILURE" or "FAILED" => CrmBulkState.Failed,
            _ => CrmBulkState.Running,
        };
        // a result that is there before the end means nothing
        var result = state is CrmBulkState.Running ? default : json.Property("result") ?? default;
        return new CrmBulkJob(id, state)
        {
            Count = state is CrmBulkState.Completed ? result.Number("count") : null,
            NextPageToken = result.IsTrue("more_records") ? result.Text("next_page_token") : null,
            Refusal = state is CrmBulkState.Failed && result.Property("error_message") is { ValueKind: JsonValueKind.Object } error
                ? CrmRefusal.Read(error, asked)
                : null,
        };
    }
}

/// <summary>How far a bulk read is.</summary>
public enum CrmBulkState
{
    /// <summary>Waiting or at work; also any word that Zoho may have for it.</summary>
    Running,

    /// <summary>Its file can be read, for a day.</summary>
    Completed,

    Failed,
}
