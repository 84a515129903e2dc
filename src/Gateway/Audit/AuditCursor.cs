using System.Buffers.Text;
using System.Globalization;
using System.Text;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Gateway.Audit;

/// <summary>Up to which number a reader has seen each service's audit. Callers keep it as an opaque text.</summary>
internal sealed class AuditCursor
{
    private const int LongestText = 1_000;

    private readonly SortedDictionary<string, long> _seen = new(StringComparer.Ordinal);

    private AuditCursor(IEnumerable<KeyValuePair<string, long>> seen)
    {
        foreach (var (service, sequence) in seen)
        {
            _seen[service] = sequence;
        }
    }

    /// <summary>The cursor that <paramref name="text"/> is; where it is null, one that has seen nothing.</summary>
    public static Result<AuditCursor> Parse(string? text)
    {
        if (text is null)
        {
            return new AuditCursor([]);
        }

        if (text.Length > LongestText || !Base64Url.IsValid(text))
        {
            return Wrong;
        }

        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var part in Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split(':') is not [{ Length: > 0 } service, var number]
                || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
                || !seen.TryAdd(service, sequence))
            {
                return Wrong;
            }
        }

        return new AuditCursor(seen);
    }

    /// <summary>What was seen of a service; 0 for nothing.</summary>
    public long Of(string service) => _seen.GetValueOrDefault(service);

    /// <summary>This one, and <paramref name="entries"/> seen too. What is known of services that were not asked stays.</summary>
    public AuditCursor With(IEnumerable<AuditLogEntry> entries)
    {
        var cursor = new AuditCursor(_seen);
        foreach (var entry in entries)
        {
            cursor._seen[entry.Service] = entry.Sequence;
        }

        return cursor;
    }

    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
        string.Join(' ', _seen.Select(seen => string.Create(CultureInfo.InvariantCulture, $"{seen.Key}:{seen.Value}")))));

    private static Failure Wrong => Failure.InvalidField("after", "after is not the cursor of an answer: begin again without it.");
}
