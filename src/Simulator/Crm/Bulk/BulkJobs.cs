using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Crm.Bulk;

/// <summary>What a bulk read is to read: the rows after an id, so many of them.</summary>
internal sealed record BulkQuery(
    CrmModule Module, IReadOnlyList<string> Fields, Func<CrmRecord, bool> Wanted, JsonObject Told, int Page, long After);

/// <summary>A bulk read and, once it has ended, its file.</summary>
internal sealed class BulkJob(long id, long user, long zuid, BulkQuery query, DateTimeOffset createdAt, TimeSpan takes, string? callback)
{
    public long Id { get; } = id;

    public long User { get; } = user;

    public long Zuid { get; } = zuid;

    public BulkQuery Query { get; } = query;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public DateTimeOffset EndsAt { get; } = createdAt + takes;

    public string? Callback { get; } = callback;

    public byte[]? File { get; set; }

    public int Count { get; set; }

    public string? NextToken { get; set; }

    public bool Failed { get; set; }

    /// <summary>A third of its time each.</summary>
    public string StateAt(DateTimeOffset now, CrmSettings settings)
    {
        if (Failed)
        {
            return settings.BulkFailureState;
        }

        var whole = EndsAt - CreatedAt;
        return File is not null
            ? "COMPLETED"
            : now - CreatedAt < whole / 3 ? "ADDED"
            : now - CreatedAt < whole * 2 / 3 ? "QUEUED"
            : "IN PROGRESS";
    }
}

/// <summary>The bulk reads of an organisation, their page tokens, and how many files were fetched of late.</summary>
internal sealed class BulkJobs
{
    private const int DownloadsPerMinute = 10;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    private readonly Dictionary<long, BulkJob> _jobs = [];
    private readonly Dictionary<string, (long Zuid, BulkQuery Query, DateTimeOffset ExpiresAt)> _tokens = new(StringComparer.Ordinal);
    private readonly Queue<DateTimeOffset> _downloads = new();
    private readonly List<(string Url, JsonObject Body)> _callbacks = [];

    public void Add(BulkJob job) => _jobs[job.Id] = job;

    /// <summary>Null for another user's job, too.</summary>
    public BulkJob? Find(long id, long zuid) => _jobs.TryGetValue(id, out var job) && job.Zuid == zuid ? job : null;

    public static bool IsKept(BulkJob job, DateTimeOffset now) => job.EndsAt + Kept > now;

    public string IssueToken(long zuid, BulkQuery next, DateTimeOffset now)
    {
        var token = RandomNumberGenerator.GetHexString(64, lowercase: true);
        _tokens[token] = (zuid, next, now + Kept);
        return token;
    }

    public BulkQuery ReadToken(string token, long zuid, DateTimeOffset now)
    {
        if (!_tokens.TryGetValue(token, out var known) || known.Zuid != zuid)
        {
            throw new CrmRefusal(CrmError.Invalid(
                "the page token given seems to be invalid", CrmError.At("page_token", "$.query.page_token")));
        }

        return known.ExpiresAt > now
            ? known.Query
            : throw new CrmRefusal(new("EXPIRED_VALUE", "the page token given is expired",
                CrmError.At("page_token", "$.query.page_token")));
    }

    /// <summary>False for the eleventh download of a minute.</summary>
    public bool TryDownload(DateTimeOffset now)
    {
        while (_downloads.TryPeek(out var oldest) && oldest <= now - TimeSpan.FromMinutes(1))
        {
            _downloads.Dequeue();
        }

        if (_downloads.Count >= DownloadsPerMinute)
        {
            return false;
        }

        _downloads.Enqueue(now);
        return true;
    }

    public void CallBack(string url, JsonObject body) => _callbacks.Add((url, body));

    public IReadOnlyList<(string Url, JsonObject Body)> TakeCallbacks()
    {
        if (_callbacks.Count == 0)
        {
            return [];
        }

        IReadOnlyList<(string, JsonObject)> taken = [.. _callbacks];
        _callbacks.Clear();
        return taken;
    }
}
