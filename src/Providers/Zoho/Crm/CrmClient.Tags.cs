using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

public sealed partial class CrmClient
{
    /// <summary>How many records one call tags.</summary>
    public const int TagBatchSize = 500;

    /// <summary>Zoho CRM, "Tags".</summary>
    public const int LongestTag = 25;

    /// <summary>
    /// Adds tags to 1 to <see cref="TagBatchSize"/> records, beside those that they have. One record among them that is not there may make
    /// Zoho refuse all of them without a name: tag them one by one then.
    /// </summary>
    public Task<Result<CrmWritten[]>> AddTagsAsync(
        ProviderCall call, string module, IReadOnlyList<string> ids, IReadOnlyList<string> tags, CancellationToken cancellationToken) =>
        TagAsync(call, CrmMethods.AddTags, module, ids, tags, new JsonObject { ["over_write"] = false }, cancellationToken);

    /// <summary>Takes tags off 1 to <see cref="TagBatchSize"/> records.</summary>
    public Task<Result<CrmWritten[]>> RemoveTagsAsync(
        ProviderCall call, string module, IReadOnlyList<string> ids, IReadOnlyList<string> tags, CancellationToken cancellationToken) =>
        TagAsync(call, CrmMethods.RemoveTags, module, ids, tags, [], cancellationToken);

    private async Task<Result<CrmWritten[]>> TagAsync(
        ProviderCall call, CrmMethod method, string module, IReadOnlyList<string> ids, IReadOnlyList<string> tags, JsonObject body,
        CancellationToken cancellationToken)
    {
        _ = CrmIds.Joined(ids, TagBatchSize);
        CrmBounds.Check(tags.Count, 1, int.MaxValue);
        if (tags.Any(tag => tag.Trim().Length is < 1 or > LongestTag))
        {
            return Failure.InvalidField("tags", $"A tag has 1 to {LongestTag} characters: shorten it.");
        }

        body["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)new JsonObject { ["name"] = tag.Trim() })]);
        body["ids"] = new JsonArray([.. ids.Select(id => (JsonNode)id)]);
        var asked = new CrmRequest(method) { Module = module, Body = body, Size = ids.Count };
        if (!(await SendAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        // what is wrong with a tag is wrong for all records
        return answer.Refusal is { } refusal ? refusal.Failure
            : answer.Entries("tags") is [var first, ..] && answer.Entries("data") is null ? CrmRefusal.Read(first, asked).Failure
            : CrmWritten.Read(answer, asked, "data", ids.Count, CrmAction.Updated);
    }
}
