using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Access.ApiKeys;

/// <summary>
/// Says who shows a key. A key that was right is not looked up again for <see cref="Remembered"/>, which is therefore also how long a
/// deleted key can live on in another replica.
/// </summary>
internal sealed class ApiKeyVerifier(ApiKeyStore keys, TimeProvider clock)
{
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);

    private const int SweepAbove = 10_000;
    private const string SubjectPrefix = "key:";

    // by the SHA-256 of the whole key: the key itself is not kept in memory
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>The caller behind a key that was seen lately, without asking anybody.</summary>
    public Caller? Recall(string text) =>
        _known.TryGetValue(Fingerprint(text), out var known) && known.Until > clock.GetUtcNow() ? known.Caller : null;

    /// <summary>The caller behind a key; null where the key is unknown, wrong or expired.</summary>
    public async Task<Caller?> VerifyAsync(string text, CancellationToken cancellationToken)
    {
        if (!ApiKeyText.TryParse(text, out var shown))
        {
            return null;
        }

        var key = await keys.FindAsync(shown.Id, cancellationToken);
        var now = clock.GetUtcNow();
        if (key is null || !CryptographicOperations.FixedTimeEquals(shown.SecretSha256, key.SecretSha256) || key.ExpiresAt <= now)
        {
            return null;
        }

        await keys.NoteUseAsync(key, cancellationToken);
        var caller = new Caller(key.TenantId, key.Role, Subject(key.Id)) { Owner = key.Owner, Scope = string.Join(' ', key.Permissions) };
        var until = now + Remembered;
        Remember(Fingerprint(text), new Known(caller, key.ExpiresAt < until ? key.ExpiresAt.Value : until));
        return caller;
    }

    /// <summary>A key that was deleted here stops working here at once.</summary>
    public void Forget(string id)
    {
        foreach (var (fingerprint, known) in _known)
        {
            if (known.Caller.Subject == Subject(id))
            {
                _known.TryRemove(fingerprint, out _);
            }
        }
    }

    public static string Subject(string keyId) => SubjectPrefix + keyId;

    public static string KeyIdOf(Caller caller) => caller.Subject[SubjectPrefix.Length..];

    private void Remember(string fingerprint, Known known)
    {
        if (_known.Count >= SweepAbove)
        {
            var now = clock.GetUtcNow();
            foreach (var (old, entry) in _known)
            {
                if (entry.Until <= now)
                {
                    _known.TryRemove(old, out _);
                }
            }
        }

        _known[fingerprint] = known;
    }

    private static string Fingerprint(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private sealed record Known(Caller Caller, DateTimeOffset Until);
}
