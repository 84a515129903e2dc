using System.Text.Json.Nodes;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

public sealed partial class CrmClient
{
    private const int MostChannels = 100;

    /// <summary>
    /// Makes a channel, or renews it where there is one of that id: before it ends, or Zoho tells nothing any more. How long it lives is in
    /// the answer and not in what was asked for.
    /// </summary>
    public Task<Result<CrmWatched>> WatchAsync(ProviderCall call, CrmChannel channel, CancellationToken cancellationToken) =>
        WatchAsync(call, CrmMethods.Watch, channel.Id, channel.ToJson(), cancellationToken);

    /// <summary>
    /// Lets a channel live until <paramref name="expiresAt"/> and leaves all else of it as it is; refused as
    /// <see cref="CrmCodeClass.Gone"/> where there is none: make it again.
    /// </summary>
    public Task<Result<CrmWatched>> ProlongWatchAsync(
        ProviderCall call, string channelId, IReadOnlyList<string> events, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        CrmChannel.ThrowUnlessId(channelId);
        var change = new JsonObject
        {
            ["channel_id"] = channelId,
            ["events"] = new JsonArray([.. events.Select(one => (JsonNode)one)]),
            ["channel_expiry"] = CrmTimes.Write(expiresAt),
        };
        return WatchAsync(call, CrmMethods.ChangeWatch, channelId, change, cancellationToken);
    }

    /// <summary>What there is of one channel, an entry for each module; none where it is gone.</summary>
    public Task<Result<CrmWatch[]>> GetWatchAsync(ProviderCall call, string channelId, CancellationToken cancellationToken)
    {
        CrmChannel.ThrowUnlessId(channelId);
        var asked = new CrmRequest(CrmMethods.ListWatches) { Query = [("channel_id", channelId)] };
        return AskForAsync(call, asked, "watch", CrmWatch.Read, cancellationToken);
    }

    /// <summary>Ends channels; one that is not there is refused as <see cref="CrmCodeClass.Gone"/>: what was wanted is so.</summary>
    public Task<Result<CrmWatched[]>> UnwatchAsync(
        ProviderCall call, IReadOnlyList<string> channelIds, CancellationToken cancellationToken)
    {
        CrmBounds.Check(channelIds.Count, 1, MostChannels);
        foreach (var id in channelIds)
        {
            CrmChannel.ThrowUnlessId(id);
        }

        var asked = new CrmRequest(CrmMethods.Unwatch) { Query = [("channel_ids", string.Join(',', channelIds))] };
        return WatchAsync(call, asked, channelIds, cancellationToken);
    }

    private async Task<Result<CrmWatched>> WatchAsync(
        ProviderCall call, CrmMethod method, string channelId, JsonObject channel, CancellationToken cancellationToken)
    {
        var asked = new CrmRequest(method) { Body = new JsonObject { ["watch"] = new JsonArray(channel) } };
        return (await WatchAsync(call, asked, [channelId], cancellationToken)).Succeeded(out var watched, out var failure)
            ? watched[0]
            : failure;
    }

    private async Task<Result<CrmWatched[]>> WatchAsync(
        ProviderCall call, CrmRequest asked, IReadOnlyList<string> channelIds, CancellationToken cancellationToken)
    {
        if (!(await SendAsync(call, asked, cancellationToken)).Succeeded(out var answer, out var failure))
        {
            return failure;
        }

        return answer.Refusal switch
        {
            { Class: CrmCodeClass.Gone } gone => channelIds.Select(id => new CrmWatched(id, null, gone)).ToArray(),
            { } refusal => refusal.Failure,
            null when answer.Entries("watch") is { } entries && entries.Count == channelIds.Count =>
                channelIds.Zip(entries, (id, entry) => CrmWatched.Read(entry, asked, id)).ToArray(),
            null => CrmFailures.BadAnswer,
        };
    }
}
