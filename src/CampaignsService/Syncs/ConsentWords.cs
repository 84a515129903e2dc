using System.Text.RegularExpressions;

namespace ZohoPlatform.CampaignsService.Syncs;

/// <summary>
/// Tells columns that say whether somebody may be written to by their names, in the languages of the console: English, French and Russian.
/// One too many costs an answer; one too few writes to people who have left.
/// </summary>
internal static partial class ConsentWords
{
    // as others' exports spell them, without signs between words
    private static readonly HashSet<string> Whole = new(StringComparer.Ordinal)
    {
        "status", "emailstatus", "mailstatus", "contactstatus", "memberstatus", "subscriberstatus", "userstatus", "customerstatus", "liststatus",
        "marketingstatus", "statut", "statutemail", "statutcontact", "статус", "статусemail", "статусконтакта", "статуспочты",
    };

    public static bool Means(string column)
    {
        var plain = new string([.. column.Where(char.IsLetterOrDigit).Select(c => WithoutAccent(char.ToLowerInvariant(c)))]);
        return Whole.Contains(plain) || Part.IsMatch(plain);
    }

    // this build of .NET knows no decomposed forms
    private static char WithoutAccent(char c) => c switch
    {
        'é' or 'è' or 'ê' or 'ë' => 'e',
        'à' or 'â' => 'a',
        'ô' => 'o',
        'î' or 'ï' => 'i',
        'û' or 'ù' => 'u',
        'ç' => 'c',
        'ё' => 'е',
        _ => c,
    };

    [GeneratedRegex(
        "opt(ed)?(in|out)|subscri|unsub|consent|bounce|donot(allow)?(bulk)?(e?mail|contact|call|disturb)|marketingcontactstatus|^dnc$|^mailing$|suppress|blacklist|blocklist|spam|complain|newsletter|gdpr"
            + "|accept.*(marketing|e?mail|sms)|(marketing|e?mail).*(permission|allowed|accept|optin)|permission"
            + "|abonn|desinscri|^inscrit|rgpd|accepte|refus|rebond|plainte|listenoire|infolettre|nepas(contacter|deranger|appeler|ecrire)"
            + "|подпис|отпис|соглас|рассыл|отказ|реклам|спам|жалоб|черныйсписок|небеспокоить|неписать|незвонить|несвязываться",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Part { get; }
}
