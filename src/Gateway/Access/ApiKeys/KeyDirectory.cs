using Microsoft.EntityFrameworkCore;
using ZohoPlatform.Gateway.Access.Data;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>
/// Which tenant a key's id belongs to. One query at a time runs for all ids that are asked for meanwhile: however many wrong keys somebody
/// shows, they cost the database no more than that, and a good one goes with the next query and waits for none of them.
/// </summary>
internal sealed class KeyDirectory(TenantDb<GatewayDbContext> database)
{
    // all that are asked for wait for it
    private static readonly TimeSpan LongestQuery = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Batch _next = new();
    private bool _isAsking;

    /// <summary>Null where there is no such key.</summary>
    public async Task<TenantId?> FindAsync(string id, CancellationToken cancellationToken)
    {
        Batch batch;
        bool isFirst;
        lock (_lock)
        {
            batch = _next;
            batch.Ids.Add(id);
            isFirst = !_isAsking;
            _isAsking = true;
        }

        if (isFirst)
        {
            // for all that ask meanwhile: not in the trace of the one that came first
            using (ExecutionContext.SuppressFlow())
            {
                _ = Task.Run(() => StorageHosting.AsRequestAsync(AskAsync), CancellationToken.None);
            }
        }

        var found = await batch.Found.Task.WaitAsync(cancellationToken);
        return found.TryGetValue(id, out var tenant) ? tenant : null;
    }

    private async Task AskAsync()
    {
        while (true)
        {
            Batch batch;
            lock (_lock)
            {
                if (_next.Ids.Count == 0)
                {
                    _isAsking = false;
                    return;
                }

                batch = _next;
                _next = new Batch();
            }

            try
            {
                batch.Found.SetResult(await AskAsync(batch.Ids));
            }
            catch (Exception e)
            {
                // theirs to handle, each at their own request
                batch.Found.SetException(e);
            }
        }
    }

    private async Task<Dictionary<string, TenantId>> AskAsync(HashSet<string> ids)
    {
        await using var directory = database.ForNoTenant();
        directory.Database.SetCommandTimeout(LongestQuery);
        return await directory.ApiKeyTenants.AsNoTracking()
            .Where(entry => ids.Contains(entry.KeyId))
            .ToDictionaryAsync(entry => entry.KeyId, entry => entry.TenantId, StringComparer.Ordinal);
    }

    private sealed class Batch
    {
        public HashSet<string> Ids { get; } = new(StringComparer.Ordinal);

        public TaskCompletionSource<Dictionary<string, TenantId>> Found { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
