using System.Globalization;
using System.Text.Json;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>
/// The frame around every answer of Zoho Campaigns: <c>code</c> and <c>uri</c> or <c>Code</c> and <c>URI</c>, a code as text or as a
/// number, all of it inside <c>response</c> or not. Some answers carry data alone.
/// </summary>
/// <param name="Code">Null where the answer has none.</param>
/// <param name="SaysSuccess">What <c>status</c> says; null where the answer has none.</param>
/// <param name="Message">In Zoho's words; for looking into, not for showing.</param>
/// <param name="Data">The answer itself, out of its <c>response</c>.</param>
internal sealed record CampaignsEnvelope(int? Code, bool? SaysSuccess, string Message, JsonElement Data)
{
    private const int Unauthorized = 401;

    /// <summary>Null where <paramref name="body"/> is no JSON object.</summary>
    public static CampaignsEnvelope? Read(string body)
    {
        if (ProviderJson.ParseObject(body) is not { } answer)
        {
            return null;
        }

        var data = answer.Property("response") is { ValueKind: JsonValueKind.Object } inner ? inner : answer;
        return new CampaignsEnvelope(
            ReadCode(data.Text("code")),
            data.Text("status")?.ToUpperInvariant() switch
            {
                "SUCCESS" => true,
                "ERROR" or "FAILURE" => false,
                _ => null,
            },
            data.Text("message") ?? "",
            data);
    }

    // Zoho's other products name this one; no other code that is a word is known
    private static int? ReadCode(string? code) => code switch
    {
        null => null,
        "INVALID_OAUTHTOKEN" or "INVALID_TOKEN" => Unauthorized,
        _ => int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : CampaignsCodes.NotANumber,
    };
}
