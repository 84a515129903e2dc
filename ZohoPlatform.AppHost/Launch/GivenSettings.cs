using DotNetEnv;
using Microsoft.Extensions.Configuration;

namespace ZohoPlatform.AppHost.Launch;

/// <summary>
/// What a person gives a launch under the names that apps have in their <c>.env</c> today: in the environment, or in a <c>.env</c> beside the
/// solution (<c>AppHost:EnvFile</c> names another one; empty: none). All of it is looked at before anything starts.
/// </summary>
internal static class GivenSettings
{
    public const string PublicUrl = "BACKEND_URL";
    public const string AllowedOrigin = "FRONTEND_URL";
    public const string Debug = "DEBUG";

    /// <summary>The organisation of CRM.</summary>
    public const string CrmOrganization = "ZOHO_ORG_ID";

    /// <summary>Those that <c>.env.example</c> explains.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN", "ZOHO_REGION", "ZOHO_CAMPAIGNS_LIST_KEY", "ZOHO_CRM_ENABLED",
        CrmOrganization, "ZOHO_BOOKS_ORG_ID", "ZOHO_API_DOMAIN", "HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET", PublicUrl, AllowedOrigin, Debug,
    ];

    // the codes of src/Providers/Zoho/DataCentres.cs, which a test compares
    private static readonly string[] Regions = ["us", "eu", "in", "au", "jp", "cn", "ca", "sa", "uk", "ae", "sg"];

    private static readonly (string One, string Other)[] Pairs =
        [("ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET"), ("HUBSPOT_CLIENT_ID", "HUBSPOT_CLIENT_SECRET")];

    // many a short name is near another one
    private const int ShortestName = 7;

    /// <summary>Those that are set, by name.</summary>
    /// <exception cref="LaunchException">
    /// The file is named and missing, or cannot be read as <c>NAME=value</c> lines; a name is nearly one of these; a value cannot be.
    /// </exception>
    public static IReadOnlyDictionary<string, string> Read(IConfigurationManager configuration, string checkout)
    {
        var named = configuration["AppHost:EnvFile"];
        var file = named ?? Path.Combine(checkout, ".env");
        if (named is { Length: > 0 } && !File.Exists(named))
        {
            throw new LaunchException($"AppHost:EnvFile is '{named}', and there is no such file. Name one, or leave it empty for none.");
        }

        // the environment has names of many others: those of the two providers are meant for this
        CheckNames(
            configuration.AsEnumerable().Select(setting => setting.Key).Where(IsOfProvider), "the environment", StringComparer.OrdinalIgnoreCase);
        if (file.Length > 0 && File.Exists(file))
        {
            var values = Read(file);
            CheckNames(values.Keys, file, StringComparer.Ordinal);
            foreach (var (name, value) in values.Where(value => Names.Contains(value.Key, StringComparer.Ordinal)))
            {
                configuration[name] ??= value;      // what the environment or the command line says wins
            }
        }

        var given = Names.Where(name => !string.IsNullOrWhiteSpace(configuration[name]))
            .ToDictionary(name => name, name => configuration[name]!.Trim(), StringComparer.Ordinal);
        CheckPairs(given);
        if (given.GetValueOrDefault("ZOHO_REGION") is "com")
        {
            given["ZOHO_REGION"] = "us";    // many a file says so, after zoho.com
        }

        foreach (var (name, value) in given)
        {
            if (Complaint(name, value) is { } complaint)
            {
                throw new LaunchException($"{name} {complaint}");
            }
        }

        return given;
    }

    private static bool IsOfProvider(string name) =>
        name.StartsWith("ZOHO", StringComparison.OrdinalIgnoreCase) || name.StartsWith("HUBSPOT", StringComparison.OrdinalIgnoreCase);

    private static void CheckNames(IEnumerable<string> names, string where, StringComparer comparer)
    {
        foreach (var name in names.Where(name => !Names.Contains(name, comparer)))
        {
            if (Names.FirstOrDefault(known => IsNear(name, known)) is { } meant)
            {
                throw new LaunchException($"{name} in {where} is read by nobody: write {meant}, or take it out.");
            }
        }
    }

    private static void CheckPairs(Dictionary<string, string> given)
    {
        foreach (var (one, other) in Pairs)
        {
            var (missing, there) = (given.ContainsKey(one), given.ContainsKey(other)) switch
            {
                (true, false) => (other, one),
                (false, true) => (one, other),
                _ => (null, null),
            };
            if (missing is not null)
            {
                throw new LaunchException($"{missing} is missing, and {there} is set: a client has both.");
            }
        }

        if (given.ContainsKey("ZOHO_REFRESH_TOKEN") && !given.ContainsKey("ZOHO_CLIENT_ID"))
        {
            throw new LaunchException("ZOHO_CLIENT_ID is missing, and ZOHO_REFRESH_TOKEN is set: a refresh token works with its client alone.");
        }
    }

    // never the value itself: it may be a secret in the wrong place
    private static string? Complaint(string name, string value) => name switch
    {
        "ZOHO_REGION" when !Regions.Contains(value, StringComparer.OrdinalIgnoreCase) =>
            $"is no data centre of Zoho's: set one of {string.Join(", ", Regions)}.",
        "ZOHO_CLIENT_ID" when !IsZohoToken(value) =>
            "is no client id of Zoho's, which begins with 1000.: copy the one that https://api-console.zoho.com shows.",
        "ZOHO_REFRESH_TOKEN" when !IsZohoToken(value) =>
            "is no refresh token of Zoho's, which begins with 1000.: take it out, and connect in a browser.",
        "ZOHO_CRM_ENABLED" when value.ToLowerInvariant() is not ("true" or "false" or "1" or "0" or "yes" or "no") => "must be true or false.",
        CrmOrganization or "ZOHO_BOOKS_ORG_ID" when !value.All(char.IsAsciiDigit) => "must be the organisation's number, such as 20064321.",
        "ZOHO_API_DOMAIN" when OriginOf(value) is not { Scheme: "https" } => "must be an address such as https://www.zohoapis.eu.",
        PublicUrl when OriginOf(value) is not ({ Scheme: "https" } or { IsLoopback: true }) =>
            "must be scheme, host and port alone, such as https://zoho.example.com, and https but on this machine: a provider sends browsers "
            + "back there.",
        AllowedOrigin when OriginOf(value) is null => "must be scheme, host and port alone, such as https://app.example.com.",
        _ when value.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter)) => "must not hold spaces: copy it again.",
        _ => null,
    };

    private static bool IsZohoToken(string value) => value.StartsWith("1000.", StringComparison.Ordinal) && !value.Any(char.IsWhiteSpace);

    private static Uri? OriginOf(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var url)
        && url is { Scheme: "http" or "https", PathAndQuery: "/", Fragment: "", UserInfo: "" }
            ? url
            : null;

    // however words are joined: at one place up to two letters are others, too many or missing
    private static bool IsNear(string name, string known)
    {
        var (one, other) = (Letters(name), Letters(known));
        var shorter = Math.Min(one.Length, other.Length);
        var begin = one.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
        var end = one.Reverse().Zip(other.Reverse()).Take(shorter - begin).TakeWhile(pair => pair.First == pair.Second).Count();
        return shorter > ShortestName && Math.Max(one.Length, other.Length) - begin - end <= 2;

        static string Letters(string text) => new([.. text.Where(char.IsAsciiLetterOrDigit).Select(char.ToUpperInvariant)]);
    }

    private static Dictionary<string, string> Read(string file)
    {
        try
        {
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            // not into the environment, which every resource would inherit
            foreach (var (name, value) in Env.NoEnvVars().Load(file))
            {
                values[name] = value;       // the last one counts, as in a shell
            }

            return values;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaunchException($"'{file}' cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // the library's message quotes what it could not read, which may be a secret
            throw new LaunchException(
                $"'{file}' is not one NAME=value a line. Put a value with quotes, spaces, # or $ between single quotes: NAME='value'.", e);
        }
    }
}
