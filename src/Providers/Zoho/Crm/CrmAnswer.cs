using System.Net;
using System.Text.Json;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>An answer that could be read.</summary>
/// <param name="Root">What it holds; null where it says by saying nothing that there is nothing.</param>
/// <param name="Refusal">Why nothing at all was done; null where something was, or each record has its own.</param>
internal sealed record CrmAnswer(JsonElement? Root, CrmRefusal? Refusal)
{
    // what refuses a token is short; a page of records is not read twice for it
    private const int LongestRefusal = 2048;

    private static readonly CrmAnswer Empty = new(null, null);

    /// <summary>When Zoho sent it, by its own clock and to the second; null where it does not say.</summary>
    public DateTimeOffset? SentAt { get; private init; }

    /// <summary>
    /// What <paramref name="sent"/> means. Decides by the body, whatever the status, as long as the body says something. Never throws.
    /// </summary>
    public static Result<CrmAnswer> Read(ProviderAnswer sent, CrmRequest asked) =>
        Meaning(sent, asked).Succeeded(out var answer, out var failure) ? answer with { SentAt = sent.Headers?.Date } : failure;

    private static Result<CrmAnswer> Meaning(ProviderAnswer sent, CrmRequest asked)
    {
        // what may not be done twice was perhaps done where the answer does not say that it was not
        var (unavailable, badAnswer) = asked.Method.Repeatable
            ? (CrmFailures.Unavailable, CrmFailures.BadAnswer)
            : (CrmFailures.OutcomeUnknown, CrmFailures.OutcomeUnknown);
        if (asked.Method.MayBeEmpty && sent.Status is HttpStatusCode.NoContent or HttpStatusCode.NotModified)
        {
            return Empty;
        }

        if (ProviderJson.ParseObject(sent.Body) is not { } root)
        {
            return sent.IsTransient ? unavailable
                : sent.Status is HttpStatusCode.Unauthorized ? CrmCodes.TokenRefused.ToFailure()
                : sent.Status is HttpStatusCode.TooManyRequests ? Patient(CrmCodes.Throttled.ToFailure(), sent)
                : badAnswer;
        }

        if (CrmRefusal.CodeOf(root) is { } code)
        {
            return CrmCodes.Find(code, asked.Method, CrmRefusal.MessageOf(root)) switch
            {
                { Class: CrmCodeClass.Done } => sent.Status < HttpStatusCode.BadRequest ? new CrmAnswer(root, null) : badAnswer,
                { Class: CrmCodeClass.Empty } => asked.Method.MayBeEmpty ? Empty : badAnswer,
                // it broke, and nobody says where
                { Class: CrmCodeClass.Retry or CrmCodeClass.Unknown }
                    when !asked.Method.Repeatable && sent.Status >= HttpStatusCode.InternalServerError => CrmFailures.OutcomeUnknown,
                _ => Refused(CrmRefusal.Read(root, asked), sent),
            };
        }

        return sent.Status >= HttpStatusCode.InternalServerError ? unavailable
            // not of a write: its records have their own
            : asked.Method.MayBeEmpty && sent.Status >= HttpStatusCode.BadRequest && ErrorIn(root) is { } error
                ? Refused(CrmRefusal.Read(error, asked), sent)
            : new CrmAnswer(root, null);
    }

    /// <summary>
    /// What an answer's body says of the token, whatever its status. A missing scope is said by 401, too, and no new token would have it.
    /// </summary>
    public static bool? RefusesToken(ProviderAnswer sent) =>
        sent.Body.Length <= LongestRefusal && ProviderJson.ParseObject(sent.Body) is { } root && CrmRefusal.CodeOf(root) is { } code
            ? CrmRefusal.MessageOf(root).Contains("oauth scope", StringComparison.OrdinalIgnoreCase) ? false : CrmCodes.RefusesToken(code)
            : null;

    /// <summary>The array of that name; null where the answer has none.</summary>
    public IReadOnlyList<JsonElement>? Entries(string name) =>
        Root?.Property(name) is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : null;

    private static CrmAnswer Refused(CrmRefusal refusal, ProviderAnswer sent) =>
        new(null, refusal with { Failure = Patient(refusal.Failure, sent) });

    private static Failure Patient(Failure failure, ProviderAnswer sent) => failure.Kind is FailureKind.RateLimited
        ? failure with { RetryAfter = sent.RetryAfter ?? TimeSpan.FromSeconds(10) }
        : failure;

    private static JsonElement? ErrorIn(JsonElement root) => root.EnumerateObject()
        .Where(property => property.Value.ValueKind is JsonValueKind.Array && property.Value.GetArrayLength() > 0)
        .Select(property => property.Value[0])
        .Where(first => first.Text("status") == "error" && CrmRefusal.CodeOf(first) is not null)
        .Select(first => (JsonElement?)first)
        .FirstOrDefault();
}
