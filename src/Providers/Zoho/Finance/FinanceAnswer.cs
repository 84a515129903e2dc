using System.Net;
using System.Text.Json;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>An answer that could be read, and says that it was done.</summary>
/// <param name="Root">All of it.</param>
internal sealed record FinanceAnswer(JsonElement Root)
{
    private static readonly string[] Reserved = ["code", "message", "page_context"];

    /// <summary>Its records or its record: the first key that is none of the envelope's, since the references disagree about its name.</summary>
    public JsonElement? Content => Root.EnumerateObject()
        .Where(property => !Reserved.Contains(property.Name, StringComparer.Ordinal))
        .Select(property => (JsonElement?)property.Value)
        .FirstOrDefault(value => value is { ValueKind: JsonValueKind.Array or JsonValueKind.Object });

    /// <summary>
    /// What <paramref name="sent"/> means. The body's code decides, whatever the status: a refusal was seen with 200. Never throws.
    /// </summary>
    public static Result<FinanceAnswer> Read(ProviderAnswer sent, FinanceRequest asked)
    {
        // what may not be done twice was perhaps done where the answer does not say that it was not
        var (unavailable, badAnswer) = asked.Method.Repeatable
            ? (FinanceFailures.Unavailable, FinanceFailures.BadAnswer)
            : (FinanceFailures.OutcomeUnknown, FinanceFailures.OutcomeUnknown);
        if (ProviderJson.ParseObject(sent.Body) is not { } root || root.Number("code") is not { } code)
        {
            return sent.IsTransient ? unavailable
                : sent.Status is HttpStatusCode.Unauthorized ? FinanceCodes.TokenRefused.ToFailure()
                : sent.Status is HttpStatusCode.TooManyRequests ? Patient(FinanceCodes.Busy, sent)
                : badAnswer;
        }

        if (code == 0)
        {
            return sent.Status < HttpStatusCode.BadRequest ? new FinanceAnswer(root) : badAnswer;
        }

        var found = FinanceCodes.Find((int)Math.Clamp(code, int.MinValue, int.MaxValue), sent.Status);
        // it broke, and nobody says where
        return found.Class is FinanceCodeClass.Retry && !asked.Method.Repeatable ? FinanceFailures.OutcomeUnknown : Patient(found, sent);
    }

    /// <summary>Code 57, whatever its status, is said of a token that is bad and of one that does not cover the call alike.</summary>
    public static bool? RefusesToken(ProviderAnswer sent) => ProviderJson.ParseObject(sent.Body)?.Number("code") switch
    {
        57 => true,
        null => null,
        _ => false,
    };

    private static Failure Patient(FinanceCode code, ProviderAnswer sent) => code.ToFailure() is var failure && code.Class is FinanceCodeClass.Busy
        ? failure with { RetryAfter = sent.RetryAfter ?? TimeSpan.FromSeconds(5) }
        : failure with { RetryAfter = sent.RetryAfter };
}
