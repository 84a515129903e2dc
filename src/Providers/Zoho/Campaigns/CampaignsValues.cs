using System.Text.Json;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>Values as Zoho Campaigns writes them: texts for everything, and the word null for nothing.</summary>
internal static class CampaignsValues
{
    private static readonly long LatestMilliseconds = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    extension(JsonElement element)
    {
        /// <summary>A property's text; null where it is absent, blank or the word null.</summary>
        public string? Word(string name) =>
            element.Text(name)?.Trim() is { Length: > 0 } text && !text.Equals("null", StringComparison.OrdinalIgnoreCase) ? text : null;

        /// <summary>A property's number, never below 0; 0 where it has none.</summary>
        public long Count(string name) => Math.Max(element.Number(name) ?? 0, 0);

        /// <summary>A property's milliseconds since 1970; null where it is anything else.</summary>
        public DateTimeOffset? Time(string name) => element.Number(name) is { } milliseconds
            && milliseconds > 0 && milliseconds <= LatestMilliseconds
                ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
                : null;
    }
}
