using System.Net;
using System.Text.RegularExpressions;
using ZohoPlatform.Providers.Http;
using ZohoPlatform.ServiceDefaults.Failures;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>An answer that is no refusal.</summary>
/// <param name="Class"><c>Done</c>, <c>AlreadyDone</c> or <c>Empty</c>.</param>
/// <param name="Envelope">What it holds.</param>
internal sealed partial record CampaignsAnswer(CampaignsCodeClass Class, CampaignsEnvelope Envelope)
{
    /// <summary>
    /// What <paramref name="sent"/> means when <paramref name="method"/> answers it; a refusal of the class <c>Locked</c> where the method
    /// is locked. Decides by the body, whatever the status: Zoho answers 200 to most refusals. Never throws.
    /// </summary>
    public static Result<CampaignsAnswer> Read(ProviderAnswer sent, CampaignsMethod method)
    {
        // what may not be done twice was perhaps done where the answer does not say that it was not
        var (unavailable, badAnswer) = method.Repeatable
            ? (CampaignsFailures.Unavailable, CampaignsFailures.BadAnswer)
            : (CampaignsFailures.OutcomeUnknown, CampaignsFailures.OutcomeUnknown);
        if (sent.IsTransient)
        {
            return unavailable;
        }

        var envelope = CampaignsEnvelope.Read(sent.Body);
        if (IsLock(sent, envelope))
        {
            return CampaignsCodes.Find(CampaignsCodes.CallLimitExceeded, method, "").ToFailure();
        }

        return (sent.Status, envelope) switch
        {
            (HttpStatusCode.Unauthorized, _) => CampaignsCodes.TokenRefused.ToFailure(),
            (_, null) => badAnswer,
            (_, { Code: { } code }) => CampaignsCodes.Find(code, method, envelope.Message) switch
            {
                // it says done and not done
                { Class: CampaignsCodeClass.Done } when envelope.SaysSuccess is false => badAnswer,
                { Class: CampaignsCodeClass.Done or CampaignsCodeClass.AlreadyDone or CampaignsCodeClass.Empty } found =>
                    new CampaignsAnswer(found.Class, envelope),
                var found => found.ToFailure(),
            },
            // data alone are a success; so is a status alone
            (HttpStatusCode.OK, _) when envelope.SaysSuccess is not false => new CampaignsAnswer(CampaignsCodeClass.Done, envelope),
            _ => badAnswer,
        };
    }

    /// <summary>True where an answer refuses the token in its body, whatever its status.</summary>
    public static bool RefusesToken(ProviderAnswer sent) =>
        !sent.IsTransient && CampaignsEnvelope.Read(sent.Body) is { Code: { } code } && CampaignsCodes.RefusesToken(code);

    // No page of Zoho's shows what a locked method answers; these are the code of its sister product and what others have met: any status, any
    // code that says nothing else, and a text. Limits of other things than calls (contacts, a range) have codes that Zoho documents.
    private static bool IsLock(ProviderAnswer sent, CampaignsEnvelope? envelope) =>
        sent.Status is HttpStatusCode.TooManyRequests
        || envelope?.Code == CampaignsCodes.CallLimitExceeded
        || (sent.Status is not HttpStatusCode.Unauthorized
            && (envelope is { Code: { } code } && CampaignsCodes.IsDocumented(code)
                ? CampaignsCodes.IsVague(code) && LimitOfCalls.IsMatch(envelope.Message)
                : SpeaksOfLimit(envelope?.Message ?? sent.Body)));

    private static bool SpeaksOfLimit(string text) =>
        LimitOfCalls.IsMatch(text) || text.Contains("limit exceeded", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(
        @"\b(api|calls?|requests?|rate)\s+limit|\btoo\s+many\s+(api\s+)?(calls|requests)\b|\b(calls|requests)\b.*\bexceeded\b|\bexceeded\b.*\b(calls|requests)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex LimitOfCalls { get; }
}
