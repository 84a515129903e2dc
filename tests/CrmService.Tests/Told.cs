using System.Text.Json;
using Grpc.Core;
using ZohoPlatform.Contracts.Crm.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CrmService.Tests;

/// <summary>A service that follows a subscription and keeps what it is told, as one would: a page at a time, with its position.</summary>
internal sealed class Told(CrmHost host, Subscription subscription, Func<Metadata> ticket)
{
    private readonly SortedDictionary<string, string> _records = new(StringComparer.Ordinal);

    /// <summary>What it knows of each record.</summary>
    public IReadOnlyDictionary<string, string> Records => _records;

    /// <summary>Of the last page that was kept.</summary>
    public long Position { get; private set; }

    /// <summary>Every change in the order in which it was told.</summary>
    public List<RecordChange> Changes { get; } = [];

    public DateTimeOffset? KnownUntil { get; private set; }

    /// <summary>The fields of a record, one after the other.</summary>
    public static string Text(JsonElement record, IEnumerable<string> fields) => string.Join('|', fields.Order(StringComparer.Ordinal).Select(name =>
        !record.TryGetProperty(name, out var value) ? ""
        : value.ValueKind is JsonValueKind.Object ? value.GetProperty("id").ToString()
        : DateTimeOffset.TryParse(value.ToString(), System.Globalization.CultureInfo.InvariantCulture, out var time) && value.ToString().Contains('T', StringComparison.Ordinal)
            ? time.ToUniversalTime().ToString("u", System.Globalization.CultureInfo.InvariantCulture)
        : value.ToString()));

    /// <summary>Follows until <paramref name="enough"/>, in one stream.</summary>
    /// <exception cref="TimeoutException">It was not told as much in time.</exception>
    public async Task FollowAsync(Func<Told, bool> enough)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        using var call = host.Inbox.Follow(new FollowRequest { SubscriptionId = subscription.Id, After = Position }, ticket(), cancellationToken: limit.Token);
        while (!enough(this))
        {
            try
            {
                await call.ResponseStream.MoveNext(limit.Token);
            }
            catch (RpcException e) when (limit.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"Told {Changes.Count} changes up to {Position}, known until {KnownUntil}. The service said: {string.Join(Environment.NewLine, host.Log.Lines)}", e);
            }

            Keep(call.ResponseStream.Current);
        }
    }

    private void Keep(ChangesPage page)
    {
        foreach (var change in page.Changes)
        {
            Changes.Add(change);
            if (change.Deleted)
            {
                _records.Remove(change.RecordId);
            }
            else
            {
                _records[change.RecordId] = Text(JsonElement.Parse(change.Content), subscription.Fields);
            }
        }

        (Position, KnownUntil) = (page.Position, page.KnownUntil?.ToDateTimeOffset() ?? KnownUntil);
    }
}
