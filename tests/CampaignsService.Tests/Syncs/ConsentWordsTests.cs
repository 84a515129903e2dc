using ZohoPlatform.CampaignsService.Syncs;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>Which columns are asked about, in the header lines of others and in the languages of people.</summary>
public sealed class ConsentWordsTests
{
    [Theory]
    [InlineData(
        "Mailchimp",
        "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS",
        "OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP")]
    [InlineData(
        "Mailchimp, who left",
        "Email Address,Name,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON_OTHER,MEMBER_RATING,LAST_CHANGED,LEID,EUID,NOTES",
        "UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON_OTHER")]
    [InlineData(
        "Shopify",
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,Default Address City,Default Address Province Code,Default Address Country Code,Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags",
        "Accepts Email Marketing,Accepts SMS Marketing")]
    [InlineData(
        "Shopify through Matrixify",
        "ID,Email,First Name,Last Name,Phone,State,Email Marketing: Status,Email Marketing: Level,SMS Marketing: Status,Tags,Note,Tax Exempt,Total Spent,Total Orders",
        "Email Marketing: Status,SMS Marketing: Status")]
    [InlineData(
        "HubSpot",
        "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lead Status,Lifecycle Stage,Marketing contact status,Unsubscribed from all email,Email hard bounce reason,Legal basis for processing contact's data,Create Date",
        "Marketing contact status,Unsubscribed from all email,Email hard bounce reason,Legal basis for processing contact's data")]
    [InlineData(
        "HubSpot's internal names",
        "hs_object_id,email,firstname,lastname,hubspot_owner_id,lifecyclestage,hs_lead_status,hs_email_optout,hs_email_bounce,hs_email_quarantined,hs_legal_basis,createdate",
        "hs_email_optout,hs_email_bounce,hs_email_quarantined,hs_legal_basis")]
    [InlineData(
        "Zoho CRM",
        "Record Id,Contact Owner,Lead Source,First Name,Last Name,Account Name,Email,Phone,Mailing City,Email Opt Out,Unsubscribed Mode,Unsubscribed Time,Data Processing Basis,Tag",
        "Email Opt Out,Unsubscribed Mode,Unsubscribed Time,Data Processing Basis")]
    [InlineData(
        "Brevo",
        "EMAIL,FIRSTNAME,LASTNAME,SMS,OPT_IN,DOUBLE_OPT-IN,emailBlacklisted,smsBlacklisted,ADDED_TIME,MODIFIED_TIME",
        "OPT_IN,DOUBLE_OPT-IN,emailBlacklisted,smsBlacklisted")]
    [InlineData(
        "ActiveCampaign",
        "Contact ID,Email,First Name,Last Name,Phone,Account,Tags,Date Created,Status,Unsubscribed,Bounced",
        "Status,Unsubscribed,Bounced")]
    [InlineData(
        "Klaviyo",
        "Email,Klaviyo ID,First Name,Last Name,Phone Number,City,Country,Email Marketing Consent,SMS Marketing Consent,Email Suppressions,$consent,$consent_method,$source",
        "Email Marketing Consent,SMS Marketing Consent,Email Suppressions,$consent,$consent_method")]
    [InlineData(
        "WooCommerce",
        "ID,customer_id,user_login,user_email,user_registered,display_name,first_name,last_name,user_status,roles,nickname,locale,billing_company,billing_city,marketing_optin",
        "user_status,marketing_optin")]
    public void The_exports_of_others_are_asked_about_by_these_columns(string export, string header, string expected) =>
        Assert.Equal((export, expected), (export, string.Join(',', header.Split(',').Where(ConsentWords.Means))));

    [Fact]
    public void Consent_is_seen_in_the_languages_of_people() => Assert.Empty(Consent.Where(column => !ConsentWords.Means(column)));

    [Fact]
    public void Other_columns_are_not_asked_about() => Assert.Empty(Others.Where(ConsentWords.Means));

    [Theory]
    [InlineData("  O P T - I N  ")]
    [InlineData("\uFF53\uFF54\uFF41\uFF54\uFF55\uFF53")]
    [InlineData("De\u0301sabonne\u0301")]
    public void However_a_name_is_written_it_is_the_same(string column) => Assert.True(ConsentWords.Means(column));

    // an attribute cannot hold half a character
    [Fact]
    public void Half_a_character_hides_nothing() => Assert.True(ConsentWords.Means("newsletter \uD83D"));

    [Theory]
    [InlineData("Person - Marketing status")]
    [InlineData("Contact: Status")]
    [InlineData("contact.active")]
    [InlineData("user_removed")]
    [InlineData("Subscriber \u2013 Removed")]
    [InlineData("Email Status (MailChimp)")]
    [InlineData("Status [imported 2024]")]
    [InlineData("Contacts > Status \uFF08old\uFF09")]
    [InlineData("(status)")]
    [InlineData("Person (opt-in)")]
    public void Whose_it_is_and_what_stands_in_brackets_hides_no_consent(string column) => Assert.True(ConsentWords.Means(column));

    private static readonly string[] Consent =
    [
        "status", "Email Status", "opt-in", "Opted Out", "OPTIN_TIME", "Accepts Marketing", "Accepts Email Marketing", "subscribed",
        "unsubscribed_at", "Newsletter", "bounced", "Marketing consent", "do_not_email", "Do Not Bulk Email", "GDPR",
        "HasOptedOutOfEmail", "Email permission status", "is_blocked", "Spam complaint", "can_email", "Double Opt-In",
        "EMAIL_BLACKLISTED", "Statut", "Abonn\u00E9", "D\u00E9sabonn\u00E9 le", "D\u00E9sinscrit", "Consentement", "Accepte les e-mails",
        "Ne pas contacter", "\u0421\u0442\u0430\u0442\u0443\u0441", "\u041F\u043E\u0434\u043F\u0438\u0441\u0430\u043D",
        "\u041E\u0442\u043F\u0438\u0441\u0430\u043B\u0441\u044F",
        "\u0421\u043E\u0433\u043B\u0430\u0441\u0438\u0435 \u043D\u0430 \u0440\u0430\u0441\u0441\u044B\u043B\u043A\u0443",
        "\u0427\u0451\u0440\u043D\u044B\u0439 \u0441\u043F\u0438\u0441\u043E\u043A", "Einwilligung Werbung", "Newsletter-Anmeldung",
        "Abgemeldet am", "Widersprochen", "Werbung erlaubt", "Unzustellbar", "DSGVO", "R\u00FCckl\u00E4ufer", "Keine E-Mail", "Gesperrt",
        "Suscrito", "Dado de baja", "Acepta publicidad", "Rebotado", "Lista negra", "No contactar", "Bolet\u00EDn", "Consentimiento",
        "Consenso marketing", "Disiscritto", "Iscritto", "Non contattare", "Reclamo", "Accettazione", "Stato", "Uitgeschreven",
        "Afgemeld op", "Toestemming", "Nieuwsbrief", "Geblokkeerd", "Niet mailen", "AVG", "Inscrito", "Descadastrado",
        "Aceita receber e-mails", "N\u00E3o contatar", "Devolvido", "LGPD", "Situa\u00E7\u00E3o", "Zgoda marketingowa", "Wypisany",
        "Subskrypcja", "Zablokowany", "RODO", "Nie wysy\u0142a\u0107", "Odbity", "Abonelik", "\u0130zin", "E-posta izni", "KVKK",
        "Engellenmi\u015F", "Kara liste", "\u015Eikayet", "Onayl\u0131", "\u0627\u0644\u062D\u0627\u0644\u0629",
        "\u0625\u0644\u063A\u0627\u0621 \u0627\u0644\u0627\u0634\u062A\u0631\u0627\u0643", "\u0645\u0634\u062A\u0631\u0643",
        "\u0627\u0644\u0645\u0648\u0627\u0641\u0642\u0629 \u0639\u0644\u0649 \u0627\u0644\u062A\u0633\u0648\u064A\u0642",
        "\u0645\u062D\u0638\u0648\u0631", "\u0639\u062F\u0645 \u0627\u0644\u0625\u0632\u0639\u0627\u062C",
        "\u0627\u0644\u0646\u0634\u0631\u0629 \u0627\u0644\u0628\u0631\u064A\u062F\u064A\u0629", "\u0634\u0643\u0648\u0649",
        "Mailing Status", "Can contact", "No contact", "mail_ok", "Allowed", "Robinson", "Robinsonliste", "Commercial communications",
        "Comunicazioni commerciali", "Comunicaciones comerciales", "Communications commerciales", "Correo permitido", "Kein Mailing",
        "GEEN MAIL", "Trashed", "Remove", "\u914D\u4FE1\u505C\u6B62", "\u30E1\u30EB\u30DE\u30AC", "\uFF92\uFF99\uFF8F\uFF76\uFF9E",
    ];

    private static readonly string[] Others =
    [
        "id", "email", "First Name", "State", "Order status", "Payment status", "Marital status", "Lead Status", "Lifecycle Stage",
        "Country status", "Order - Status", "Country: Status", "Person - Order status", "Person - Name", "Contact: State",
        "Name (status of order)", "Lead: Status",
        "Mailing State", "Mailing City", "American contact", "Robinson Crusoe's island", "Contact number", "Max allowed discount",
        "Removed items", "\u914D\u9001\u5148", "\u4F4F\u6240", "created_at", "option", "Options", "Shoe size", "Sizing", "Magazine",
        "position", "Total Spent", "Tax Exempt", "Tags", "Note",
        "Province", "Company", "Phone", "Birthday", "Zip", "Language", "Source", "Country Code", "Last seen", "Score", "Block", "Street",
        "Date d'inscription", "Ville", "Pr\u00E9nom", "Soci\u00E9t\u00E9", "\u0418\u043C\u044F", "\u0413\u043E\u0440\u043E\u0434",
        "\u0422\u0435\u043B\u0435\u0444\u043E\u043D", "Gewerbe", "Bewerbung", "Bewerber", "Anrede", "Stra\u00DFe", "Geburtsdatum",
        "Firma", "Apellido", "Provincia", "Ciudad", "Tel\u00E9fono", "Prodotto", "Cognome", "Indirizzo", "Data iscrizione", "Achternaam",
        "Woonplaats", "Bedrijf", "Sobrenome", "Cidade", "Endere\u00E7o", "Nazwisko", "Miasto", "Soyad\u0131", "\u015Eehir", "Telefon",
        "\u0627\u0644\u0627\u0633\u0645", "\u0627\u0644\u0645\u062F\u064A\u0646\u0629", "\u0627\u0644\u0647\u0627\u062A\u0641",
    ];
}
